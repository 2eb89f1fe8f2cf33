"""Word files that are odd, deep, wide or spoilt: read as far as they go, or refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.parsers import hostile, samples
from tests.unit.parsers.made.spoilt import survives
from tests.unit.parsers.made.word import (
    LISTS,
    STYLES,
    box,
    cell,
    document,
    levels,
    numbered,
    paragraph,
    row,
    table,
    text,
    used,
)
from tests.unit.parsers.office.reading import read
from tests.unit.parsers.office.test_word import CASES


def test_an_odd_part_does_not_spoil_a_good_file(tmp_path: Path) -> None:
    data = document(paragraph("Text."), styles="<w:unclosed>", header1=paragraph("Head."))
    data = hostile.with_member(data, "word/header1.xml", lambda _old: b"")
    data = hostile.with_member(data, "word/people.xml", lambda _old: b"<p>loose<br>")
    parsed = read(tmp_path, data, "a.docx")
    assert parsed.markdown == "Text.\n"
    assert parsed.warnings == ("1 damaged part is left out: 'word/styles.xml'.",)


def test_names_of_members_are_found_in_any_case_and_with_backslashes(tmp_path: Path) -> None:
    members = hostile.members(document(paragraph("Text."), styles=STYLES))
    renamed = {name.replace("word/document", "Word\\Document"): content for name, content in members.items()}
    assert read(tmp_path, samples.archive(renamed), "a.docx").markdown == "Text.\n"


def test_a_deep_file_is_read_down_to_the_bound(tmp_path: Path) -> None:
    wrapped = paragraph("deep")
    for _level in range(60):
        wrapped = table(row(cell("x", wrapped), "y"))
    assert "deep" in read(tmp_path, document(wrapped), "a.docx").markdown
    spans = text("deep")
    for _level in range(240):
        spans = f"<w:smartTag>{spans}</w:smartTag>"
    assert read(tmp_path, document(paragraph(spans)), "a.docx").markdown == "deep\n"


def test_wide_tables_and_numbers_out_of_range_are_bounded(tmp_path: Path) -> None:
    wide = cell("wide", form='<w:gridSpan w:val="2000000000"/>')
    lists = levels(("lowerLetter", "%1)")) + used(
        1, 0, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="2000000000"/></w:lvlOverride>'
    )
    parsed = read(
        tmp_path, document(table(row(wide, "b"), row("c", "d")) + numbered("e"), numbering=lists), "a.docx"
    )
    assert "- 2000000000) e" in parsed.markdown
    assert len(parsed.markdown) < 100_000


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=12)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["paragraph", "item", "cell", "box", "parted"]), WORDS),
        min_size=1,
        max_size=12,
    )
)
def test_text_comes_out_in_its_order(tmp_path: Path, pieces: list[tuple[str, str]]) -> None:
    makers: dict[str, Callable[[str], str]] = {
        "paragraph": paragraph,
        "item": numbered,
        "cell": lambda words: table(row(words, "-")),
        "box": lambda words: paragraph(box(words)),
        "parted": lambda words: paragraph(
            *(text(letter, "<w:b/>" * (at % 2)) for at, letter in enumerate(words))
        ),
    }
    body = "".join(makers[kind](words) for kind, words in pieces)
    markdown = read(tmp_path, document(body, numbering=LISTS), "a.docx").markdown
    at = 0
    for _kind, words in pieces:
        assert words in markdown[at:]
        at = markdown.index(words, at) + len(words)


@pytest.mark.parametrize("seed", range(4))
def test_spoilt_files_are_read_or_refused(seed: int, tmp_path: Path) -> None:
    good = [samples.word(), *(data for data, _markdown in CASES.values())]
    survives(tmp_path, good, "a.docx", times=40, seed=seed)
