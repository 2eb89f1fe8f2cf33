"""XML: every text in its order, sentences in one line, in any encoding, with its entities."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse
from tests.unit.parsers import samples

DTD = '<!DOCTYPE r SYSTEM "r.dtd">'
SHOWN = {
    "<r><p>one <b>two</b> three</p></r>": "r:\n  p: one two three",
    "<r><p><b>Two</b> and <i>H<sub>2</sub>O</i>.</p></r>": "r:\n  p: Two and H2O.",
    '<r><p>see <a href="x.html">this</a> page</p></r>': "r:\n  p: see this page\n    a href: x.html",
    "<r><p>one<br/>two</p></r>": "r:\n  p: one two",
    '<r><p>one <xref id="4"/> two</p></r>': "r:\n  p: one two\n    xref id: 4",
    "<r>stray<p>one</p><p>two</p>end</r>": "r: stray\n  p: one\n  p: two\n  end",
    "<r><list>intro<item><p>a</p></item></list></r>": "r:\n  list: intro\n    item:\n      p: a",
    '<r a="1" b="two words">text</r>': "r:\n  a: 1\n  b: two words\n  text",
    '<x:r xmlns:x="urn:x" xmlns="urn:y" x:a="1"><x:t>v</x:t></x:r>': "r:\n  a: 1\n  t: v",
    "<r><![CDATA[a < b && c &eacute;]]></r>": "r: a < b && c &eacute;",
    "<r><!-- note --><?php x ?>text</r>": "r: text",
    "<r>  two\n   lines </r>": "r: two lines",
    "<r><e/><f></f></r>": "r:\n  e:\n  f:",
    "<r>AT&amp;T &lt;b&gt; &#241; &#xf1;</r>": "r: AT&T <b> ñ ñ",
    f"{DTD}<r>The caf&eacute; is&nbsp;open &mdash; 5&euro;</r>": "r: The café is open — 5€",
    f'{DTD}<r a="caf&eacute;">&lt;</r>': "r:\n  a: café\n  <",
    "<r>caf&eacute;</r>": "r: café",
    '<!DOCTYPE r [<!ENTITY co "ACME &amp; Co"><!ENTITY b \'<b>bold</b>\'>]><r>&co; is &b;</r>': "r: ACME & Co is bold",
    '<!DOCTYPE r [<!ELEMENT r (#PCDATA)><!-- it\'s --><!ENTITY co "ACME">]><r>&co;</r>': "r: ACME",
    '<?xml version="1.1"?><r>one &#1;two</r>': "r: one two",
    '<?xml version="1.0" standalone="yes"?>\n<r>x</r>': "r: x",
    "\n  <r>x</r>": "r: x",
    '<rss version="2.0"><channel><title>T</title><item><title>A &amp; B</title><description>&lt;p&gt;Hi</description>'
    "</item></channel></rss>": "rss:\n  version: 2.0\n  channel:\n    title: T\n    item:\n      title: A & B\n"
    "      description: <p>Hi",
    '<svg xmlns="http://www.w3.org/2000/svg"><text x="1">La<tspan>bel</tspan></text></svg>': "svg:\n  text:\n    x: 1\n"
    "    Label",
}  # fmt: skip
ENCODED = [
    ("GB2312", "gb2312", "中文内容"),
    ("GBK", "gbk", "中文內容"),
    ("Big5", "big5", "中文內容"),
    ("Shift_JIS", "cp932", "髙橋さん"),
    ("EUC-JP", "euc_jp", "日本語です"),
    ("ISO-2022-JP", "iso2022_jp", "日本語です"),
    ("EUC-KR", "euc_kr", "한국어"),
    ("ks_c_5601-1987", "cp949", "한국어"),
    ("koi8-r", "koi8_r", "Привет"),
    ("windows-1250", "cp1250", "Łódź"),
    ("windows-1251", "cp1251", "Привет"),
    ("windows-1253", "cp1253", "Αθήνα"),
    ("ISO-8859-1", "cp1252", "señal – 5 €"),
    ("ISO-8859-2", "iso8859_2", "Łódź"),
    ("IBM850", "cp850", "señal"),
    ("macintosh", "mac_roman", "señal"),
    ("UTF-16", "utf-16", "señal"),
    ("UTF-16", "utf-16-be", "señal"),
    ("UTF-32", "utf-32", "señal"),
    ("UTF-8", "utf-8-sig", "señal"),
    ("iso-8859-1", "utf-8", "señal: the declaration is wrong"),
    ("utf-16", "utf-8", "señal: the declaration is wrong"),
    ("UTF-8", "cp1252", "señal: the declaration is wrong"),
    ("x-unknown", "utf-8", "señal: nobody knows it"),
    ("hex", "utf-8", "señal: no encoding of text"),
]


def read(directory: Path, data: bytes, name: str = "a.xml") -> ParsedFile:
    path = directory / "upload"
    path.write_bytes(data)
    return parse(path, name, Limits())


@pytest.mark.parametrize("written", SHOWN)
def test_every_text_of_an_xml_stands_in_its_order(written: str, tmp_path: Path) -> None:
    parsed = read(tmp_path, written.encode())
    assert parsed.markdown == f"```\n{SHOWN[written]}\n```\n"
    assert parsed.warnings == ()


@pytest.mark.parametrize(("declared", "encoding", "text"), ENCODED)
def test_an_xml_is_read_in_the_encoding_that_it_is_in(
    declared: str, encoding: str, text: str, tmp_path: Path
) -> None:
    data = f'<?xml version="1.0" encoding="{declared}"?><r>{text}</r>'.encode(encoding)
    assert read(tmp_path, data).markdown == f"```\nr: {text}\n```\n"


def test_an_entity_that_nobody_knows_is_left_and_told(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{DTD}<r>by &author; and &author; of &co;</r>".encode())
    assert parsed.markdown == "```\nr: by &author; and &author; of &co;\n```\n"
    assert parsed.warnings == ("The file does not say what &author;, &co; stands for: it was left as it is.",)


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE r [<!ENTITY a "x&b;"><!ENTITY b "y">]>',
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r [<!ENTITY a PUBLIC "p" "http://a.example/x">]>',
        '<!DOCTYPE r [<!ENTITY % p "x"><!ENTITY a "y">]>',
        f'<!DOCTYPE r [<!ENTITY a "{"x" * 2_000_000}">]>',
    ],
)
def test_an_entity_that_grows_or_lies_outside_is_refused(prolog: str, tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="declares XML entities"):
        read(tmp_path, f"{prolog}<r>&a;</r>".encode())


def test_xhtml_is_read_as_the_page_that_it_is(tmp_path: Path) -> None:
    page = '<?xml version="1.0"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>Hi</h1></body></html>'
    for name in ("a.xml", "a.xhtml", "a.xht", None):
        parsed = read(tmp_path, page.encode(), name or "page")
        assert (parsed.file_type, parsed.markdown.strip()) == ("html", "# Hi")


@pytest.mark.parametrize(
    "data",
    [
        b"<!--" * 200_000 + b"<a/>",
        b"<a>" + b"<![CDATA[" * 200_000,
        b"<!DOCTYPE a [" + b"\"'" * 200_000,
        b"<!DOCTYPE a [" + b"<!--" * 200_000,
        b"<?" * 200_000,
        b"<a>" + b"&" * 200_000,
        b"<a b='" * 100_000,
    ],
)
def test_xml_made_to_be_slow_is_refused_in_time(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputRejected):
        read(tmp_path, data)


WORD = st.text(st.sampled_from("abcñé&<>中"), min_size=1, max_size=5)


@given(st.recursive(WORD, lambda inner: st.lists(inner, min_size=1, max_size=3)))
def test_words_come_out_in_order(tmp_path_factory: pytest.TempPathFactory, tree: object) -> None:
    words: list[str] = []

    def element(node: object) -> str:
        if isinstance(node, str):
            words.append(node)
            return " " + node.replace("&", "&amp;").replace("<", "&lt;") + " "
        return "<e>" + "".join(map(element, node)) + "</e>"  # type: ignore[call-overload]

    written = f"<e>{element(tree)}</e>"
    shown = read(tmp_path_factory.getbasetemp(), written.encode()).markdown
    assert shown.replace("e:", " ").replace("`", " ").split() == words


def test_a_spoilt_xml_is_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(27)
    whole = samples.XML.replace("señal", "se&ntilde;al <b>x</b> y").encode()
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(1, 256)
        try:
            assert read(tmp_path, bytes(data)).markdown
        except InputRejected as refusal:
            assert str(refusal).startswith("'a.xml' ")  # noqa: PT017
