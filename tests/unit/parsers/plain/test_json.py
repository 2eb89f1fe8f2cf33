"""JSON, JSON lines and notebooks: what is written in the file, number by number."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse
from lethe.parsers.plain.json_tokens import tokens
from tests.unit.parsers import samples

WRITTEN = {
    '{"iccid": 89490200001234567890}': "iccid: 89490200001234567890",
    '{"a": 1.10, "b": 1e5, "c": -0, "d": 1E-07, "e": 0.30000000000000004}': "a: 1.10\nb: 1e5\nc: -0\nd: 1E-07\n"
    "e: 0.30000000000000004",
    '{"name": "first", "name": "second"}': "name: first\nname: second",
    '{"a": true, "b": null, "c": NaN, "d": -Infinity}': "a: true\nb: null\nc: NaN\nd: -Infinity",
    '{"a": [], "b": {}, "c": "", "d": [[], [1]]}': "a: []\nb: {}\nc:\nd:\n  - []\n  -\n    - 1",
    '{"a": {"b": [1, {"c": "d"}]}}': "a:\n  b:\n    - 1\n    -\n      c: d",
    '[1, "two", [3]]': "- 1\n- two\n-\n  - 3",
    '"only a text"': "only a text",
    "12": "12",
    r'{"a\u00f1o": "se\u00f1al\nnext\ttab \"q\" \/ \\"}': 'año: señal\nnext\ttab "q" / \\',
    r'{"pair": "\ud83d\ude80", "lone": "\ud83d!"}': "pair: 🚀\nlone: \ufffd!",
    '{"a": 1}\n{"a": 2}\n': "a: 1\n\na: 2",
    '{"a": 1}{"a": 2} [3] "x"': "a: 1\n\na: 2\n\n- 3\n\nx",
    "// n\n{b: 'single \\'q\\' \"d\"', /* x */ hex: 0x1F, half: .5, plus: +1, last: [1, 2,],}": "b: single 'q' \"d\"\n"
    "hex: 0x1F\nhalf: .5\nplus: +1\nlast:\n  - 1\n  - 2",
    '{"url": "http://a.example/*x*/", "b": "// no note"}': "url: http://a.example/*x*/\nb: // no note",
}
REFUSED = {
    '{"a": 1': "ends before its last value",
    '{"a"': "ends before its last value",
    '{"a": "x': "line 1, column 7",
    '{"a": 1 "b": 2}': "line 1, column 9: unexpected '\"b\": 2}'",
    '{"a": 1}\n{"a": }': "line 2, column 7: unexpected '}'",
    "[1,,2]": "line 1, column 4",
    "[1 2]": "line 1, column 4",
    "[1}": "line 1, column 3",
    '{"a": 1]': "line 1, column 8",
    '{"a", 1}': "line 1, column 5",
    "{1: 2, :}": "line 1, column 8",
    "hello": "line 1, column 1: unexpected 'hello'",
    "[01x]": "line 1, column 2",
    "{},": "line 1, column 3",
    "/* no end": "line 1, column 1",
}


def read(directory: Path, data: bytes, name: str = "a.json") -> ParsedFile:
    path = directory / "upload"
    path.write_bytes(data)
    return parse(path, name, Limits())


@pytest.mark.parametrize("written", WRITTEN)
def test_what_is_written_in_json_is_what_is_read(written: str, tmp_path: Path) -> None:
    assert read(tmp_path, written.encode()).markdown == f"```\n{WRITTEN[written]}\n```\n"


@pytest.mark.parametrize("written", REFUSED)
def test_what_is_no_json_is_refused_with_the_place(written: str, tmp_path: Path) -> None:
    with pytest.raises(InputRejected) as refusal:
        read(tmp_path, written.encode())
    assert "is damaged: it is not valid JSON (" in str(refusal.value)
    assert REFUSED[written] in str(refusal.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_json_is_read_in_other_encodings(encoding: str, tmp_path: Path) -> None:
    assert "señal: ¿sí?" in read(tmp_path, '{"señal": "¿sí?"}'.encode(encoding)).markdown


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jsonl", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.json", "json"),
        ("a.geojson", "json"),
        ("a.json5", "json"),
        ("a.webmanifest", "json"),
    ],
)
def test_json_has_several_names(name: str, kind: str, tmp_path: Path) -> None:
    parsed = read(tmp_path, b'{"a": 1}\n{"a": 2}\n', name)
    assert (parsed.file_type, parsed.markdown) == (kind, "```\na: 1\n\na: 2\n```\n")


@pytest.mark.parametrize(
    "data",
    [b'"' + b"\\" * 1_000_000, b"/*" * 500_000, b'{"a":' * 100_000, b'"' * 100_001, b"[" * 256 + b"1,"],
)
def test_json_made_to_be_slow_is_refused_in_time(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputRejected):
        read(tmp_path, data)


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUE, st.booleans())
def test_every_key_and_value_comes_out_in_order(value: object, ascii_only: bool) -> None:
    written = json.dumps(value, ensure_ascii=ascii_only)
    read_out = [token.text for token in tokens(written) if token.kind in ("key", "value")]
    assert read_out == list(flat(value))


def flat(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for key, below in value.items() for text in (key, *flat(below))]
    if isinstance(value, list):
        return [text for below in value for text in flat(below)]
    return [value if isinstance(value, str) else json.dumps(value)]


def test_spoilt_json_is_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(12)
    for name, whole in (("a.json", json.dumps(samples.JSON)), ("a.ipynb", json.dumps(samples.NOTEBOOK))):
        for _ in range(100):
            data = bytearray(whole.encode())
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(data))
                data[at : at + chance.choice((1, 1, 5))] = bytes([chance.randrange(1, 256)])
            try:
                assert read(tmp_path, bytes(data), name).markdown
            except InputRejected as refusal:
                assert str(refusal).startswith(f"'{name}' ")  # noqa: PT017


def test_a_notebook_is_read_as_it_is_shown(tmp_path: Path) -> None:
    image = {"image/png": "aGk=", "text/plain": ["<Figure size 640x480 with 1 Axes>"]}
    cells = [
        {"cell_type": "markdown", "source": "# Title\n\nSome *text*."},
        {
            "cell_type": "code",
            "source": ["x = 1\n", "x"],
            "outputs": [
                {"output_type": "execute_result", "data": {"text/plain": ["1"], "text/html": ["<b>1</b>"]}},
                {"output_type": "display_data", "data": image},
                {"output_type": "error", "ename": "KeyError", "traceback": ["\x1b[31mKeyError\x1b[0m: k"]},
            ],
        },
        {"cell_type": "raw", "source": "raw"},
    ]  # fmt: skip
    parsed = read(tmp_path, json.dumps({"cells": cells}).encode(), "a.ipynb")
    assert parsed.markdown == (
        "# Title\n\nSome *text*.\n\n```\nx = 1\nx\n```\n\n```\n1\n```\n\n```\nKeyError: k\n```\n\n```\nraw\n```\n"
    )
    assert parsed.warnings == ("1 image has no readable text: text recognition (OCR) is not available.",)


def test_results_that_python_cannot_print_are_read_as_the_browser_shows_them(tmp_path: Path) -> None:
    results = [
        {"text/plain": "<IPython.core.display.HTML object>", "text/html": ["<p>Fees <b>of</b> May</p>", "<p>4 EUR"]},
        {"text/plain": ["<IPython.core.display.Markdown object>"], "text/markdown": "## Next"},
        {"text/plain": "<IPython.core.display.Math object>", "text/latex": ["$x^2$"]},
        {"text/plain": "<pandas.io.formats.style.Styler at 0x7f0a>", "text/html": "<p>Größe"},
        {"text/plain": "<b> is bold", "text/html": "<b>1</b>"},
        {"text/html": '<!DOCTYPE html [<!ENTITY a "b">]><p>Refused'},
    ]  # fmt: skip
    outputs = [{"output_type": "display_data", "data": data} for data in results]
    cells = [{"cell_type": "code", "source": "show()", "outputs": outputs}]
    parsed = read(tmp_path, json.dumps({"cells": cells}).encode(), "a.ipynb")
    assert parsed.markdown == (
        "```\nshow()\n```\n\nFees **of** May\n\n4 EUR\n\n## Next\n\n$x^2$\n\nGröße\n\n```\n<b> is bold\n```\n\n"
        '```\n<!DOCTYPE html [<!ENTITY a "b">]><p>Refused\n```\n'
    )


def test_a_notebook_of_format_3_is_read(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Fees"]},
        {"cell_type": "code", "input": ["f(4)"]},
    ]
    parsed = read(tmp_path, json.dumps({"worksheets": [{"cells": cells}]}).encode(), "a.ipynb")
    assert parsed.markdown == "## Fees\n\n```\nf(4)\n```\n"


def test_a_notebook_that_is_none_is_read_as_json(tmp_path: Path) -> None:
    assert read(tmp_path, b'{"a": 1.10}', "a.ipynb").markdown == "```\na: 1.10\n```\n"
