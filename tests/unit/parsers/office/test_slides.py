"""What a person sees in a presentation (pptx) is what its markdown says."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile, Place
from lethe.parsers import parse
from tests.unit.parsers import hostile, samples
from tests.unit.parsers.made.slides import (
    CHART,
    DATES,
    DIAGRAM,
    LEVELS,
    NAMES,
    frame,
    paragraph,
    part,
    picture,
    run,
    shape,
    show,
    table,
    title,
)
from tests.unit.parsers.made.spoilt import survives
from tests.unit.parsers.made.word import alternates, relations

BULLET = (
    '<a:lvl1pPr><a:buChar char="•"/></a:lvl1pPr><a:lvl2pPr><a:buAutoNum type="alphaLcParenR"/></a:lvl2pPr>'
)
LEVEL_2 = '<a:pPr lvl="1"/>'
NUMBER = '<a:pPr><a:buAutoNum type="arabicPeriod"/></a:pPr>'
ROMAN = '<a:pPr><a:buAutoNum type="romanUcPeriod" startAt="3"/></a:pPr>'
NO_BULLET = "<a:pPr><a:buNone/></a:pPr>"
LAYOUT = part("sldLayout", shape("Click to edit", place="body", styles=BULLET) + shape("Casa Alborada"))
MASTER = part("sldMaster", shape("Master prompt", place="title") + shape("Internal") + picture())
OF_LAYOUT = {"l": ("slideLayout", "../layout.xml")}
AROUND = {
    "layout.xml": LAYOUT,
    "master.xml": MASTER,
    "_rels/layout.xml.rels": relations({"m": ("slideMaster", "master.xml")}),
}
NOTES = part("notes", shape("Say it slowly.", "Then stop.", place="body") + shape("7", place="sldNum"))
COMMENTS = f'<p:cmLst {NAMES}><p:cm authorId="0" idx="1"><p:pos x="1" y="1"/><p:text>Really?</p:text></p:cm></p:cmLst>'
AUTHORS = f'<p:cmAuthorLst {NAMES}><p:cmAuthor id="0" name="Nora"/></p:cmAuthorLst>'
NEWER = "http://schemas.microsoft.com/office/powerpoint/2018/8/main"
NEWER_COMMENTS = (
    f'<q:cmLst xmlns:q="{NEWER}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><q:cm id="1" authorId="{{A}}"><q:replyLst>'
    '<q:reply id="2" authorId="{B}"><q:txBody><a:p><a:r><a:t>Yes.</a:t></a:r></a:p></q:txBody></q:reply></q:replyLst>'
    "<q:txBody><a:p><a:r><a:t>Really?</a:t></a:r></a:p></q:txBody></q:cm></q:cmLst>"
)
NEWER_AUTHORS = f'<q:authorLst xmlns:q="{NEWER}"><q:author id="{{A}}" name="Nora"/><q:author id="{{B}}" name="Luis"/></q:authorLst>'
HIDDEN = part("sld", title("Not shown"), 'show="0"')
FORMULA = "<a14:m><m:oMath><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></a14:m>"

CASES: dict[str, tuple[bytes, str]] = {
    "words whose letters lie in several runs stay whole": (
        show(title("Quar", "terly re", "port") + shape(paragraph("The product is re", run("leas", 'b="1"'), "ed on Mon", "day."))),
        "## Quarterly report\n\nThe product is released on Monday.",
    ),
    "slides stand in the order in which they are shown": (
        show(title("First made"), title("Second made"), title("Third made"), order=(3, 1, 2)), "## Third made\n\n## First made\n\n## Second made",
    ),
    "a deleted slide is not read": (show(title("Kept"), title("Salaries"), order=(1,)), "## Kept"),
    "a title comes first, the rest in the slide's order": (show(shape("Body") + title("Title") + shape("Foot", place="ftr")), "## Title\n\nBody\n\nFoot"),
    "a slide without a title does not stand below that of another": (
        show(title("Title") + shape("a"), shape("b")), "## Title\n\na\n\n## Slide 2\n\nb",
    ),
    "a 3D model is told by its picture": (
        show(title("a") + alternates(frame("<am3d:model3d xmlns:am3d='x'/>"), picture("A red lamp"))), "## a\n\nA red lamp",
    ),
    "a slide shows its own number": (
        show(title("a"), title("b") + shape(paragraph('<a:fld type="slidenum"><a:t>‹#›</a:t></a:fld>', "/2"), place="sldNum")),
        "## a\n\n## b\n\n2/2",
    ),
    "of alternates one is read": (
        show(title("Title") + alternates(shape("Chosen"), shape("Not")) + alternates("", shape("Fallback")) + shape("After")),
        "## Title\n\nChosen\n\nFallback\n\nAfter",
    ),
    "groups in groups are read": (
        show("<p:grpSp><p:nvGrpSpPr/>" + shape("a") + "<p:grpSp>" + shape("b") + "</p:grpSp>" + shape("c") + "</p:grpSp>"), "a\n\nb\n\nc",
    ),
    "breaks, fields and form are read": (
        show(shape(paragraph("a", "<a:br/>", "b ", '<a:fld type="slidenum"><a:t>7</a:t></a:fld>', " 10", run("6", 'baseline="30000"'),
                                                       " ", run("bold", 'b="1"'), " ", run("loud", 'cap="all"')))),
        "a\nb 7 10^6^ **bold** LOUD",
    ),
    "links lead to their address": (
        show(shape(paragraph("See ", run("returns", inside='<a:hlinkClick r:id="x"/>'))), of_slide={"x": ("hyperlink", "https://deps.example")}),
        "See [returns](https://deps.example)",
    ),
    "a formula can be read": (
        show(shape(paragraph("Area ", alternates(FORMULA, run("picture")), "."))), "Area x^2^.",
    ),
    "bullets and numbers have levels": (
        show(shape("a", paragraph("b", form=LEVEL_2), paragraph("c", form=LEVEL_2), "d", paragraph("plain", form=NO_BULLET),
                   paragraph("one", form=NUMBER), paragraph("two", form=NUMBER), paragraph("three", form=ROMAN), styles=BULLET)),
        "- a\n  - a) b\n  - b) c\n- d\n\nplain\n\n1. one\n2. two\n- III. three",
    ),
    "bullets come from the layout, its prompts do not": (
        show(title("Title") + shape("a", "b", place="body") + shape(place="subTitle"), title("Next"), of_slide=OF_LAYOUT, parts=AROUND),
        "## Title\n\n- a\n- b\n\nCasa Alborada\n\nInternal\n\n## Next",
    ),
    "what a layout shows is not seen where a slide hides it": (
        show(part("sld", title("Title"), 'showMasterSp="0"'), of_slide=OF_LAYOUT, parts=AROUND), "## Title",
    ),
    "a merged cell stands once at its first place": (
        show(table((("Fees", 'gridSpan="2"'), ("", 'hMerge="1"'), ("North", 'rowSpan="2"')), (("Lamp", ""), ("4", ""), ("", 'vMerge="1"')))),
        "| Fees |  | North |\n| --- | --- | --- |\n| Lamp | 4 |  |",
    ),
    "a chart is a table": (
        show(frame('<c:chart r:id="c"/>'), of_slide={"c": ("chart", "../chart.xml")}, parts={"chart.xml": CHART}),
        "Ducks by year\n\nYear\n\n|  | Wild | Tame |\n| --- | --- | --- |\n| 2019 | 120 | 80.5 |\n| 2020 | 130 | 25% |",
    ),
    "dates on an axis are shown by their format": (
        show(frame('<c:chart r:id="c"/>'), of_slide={"c": ("chart", "../chart.xml")}, parts={"chart.xml": DATES}),
        "|  | Stock |\n| --- | --- |\n| 1/11/2025 | 1 |\n| 2/11/2025 | 2 |",
    ),
    "labels of several levels are read together": (
        show(frame('<c:chart r:id="c"/>'), of_slide={"c": ("chart", "../chart.xml")}, parts={"chart.xml": LEVELS}), "| 2026 Q1 | 1 |\n| --- | --- |\n| 2026 Q2 | 2 |",
    ),
    "a diagram is a list": (
        show(frame('<dgm:relIds r:dm="d"/>'), of_slide={"d": ("diagramData", "../data.xml")}, parts={"data.xml": DIAGRAM}), "- Chief\n  - Sales\n  - Stock",
    ),
    "the text of a picture is read": (show(title("Title") + picture("a red lamp")), "## Title\n\na red lamp"),
    "notes stand behind their slide": (
        show(title("Title") + shape("Body"), title("Next"), of_slide={"n": ("notesSlide", "../notes.xml")}, parts={"notes.xml": NOTES}),
        "## Title\n\nBody\n\n### Notes\n\nSay it slowly.\n\nThen stop.\n\n## Next",
    ),
    "comments have their authors": (
        show(title("Title"), of_slide={"c": ("comments", "../comment.xml")}, parts={"comment.xml": COMMENTS, "commentAuthors.xml": AUTHORS}),
        "## Title\n\n[^c1]: Nora: Really?",
    ),
    "newer comments and their replies have their authors": (
        show(title("Title"), of_slide={"c": ("comments", "../comment.xml")}, parts={"comment.xml": NEWER_COMMENTS, "authors.xml": NEWER_AUTHORS}),
        "## Title\n\n[^c1]: Nora: Really?\n\n[^c2]: Luis: Yes.",
    ),
}  # fmt: skip


def read(directory: Path, data: bytes, limits: Limits | None = None) -> ParsedFile:
    (directory / "upload").write_bytes(data)
    return parse(directory / "upload", "a.pptx", limits or Limits())


@pytest.mark.parametrize(("data", "markdown"), CASES.values(), ids=CASES)
def test_a_presentation_reads_as_a_person_sees_it(data: bytes, markdown: str, tmp_path: Path) -> None:
    parsed = read(tmp_path, data)
    assert parsed.markdown.strip() == markdown
    assert parsed.warnings == ()


WARNINGS: dict[str, tuple[str, str]] = {
    "a hidden shape": (shape("secret", attributes='hidden="1"'), "1 piece of hidden text is left out."),
    "a picture": (picture(), "1 image has no readable text: text recognition (OCR) is not available."),
    "a film": (
        picture("A film", '<a:videoFile r:link="x"/>'),
        "1 embedded object of type video is left out.",
    ),
    "an embedded workbook": (
        frame(alternates("", '<p:oleObj progId="Excel.Sheet.12"><p:embed/></p:oleObj>')),
        "1 embedded object of type Excel.Sheet.12 is left out.",
    ),
}


@pytest.mark.parametrize(("shapes", "warning"), WARNINGS.values(), ids=WARNINGS)
def test_what_is_left_out_is_told(shapes: str, warning: str, tmp_path: Path) -> None:
    parsed = read(tmp_path, show(title("Title") + shapes))
    assert parsed.warnings == (warning,)
    assert "secret" not in parsed.markdown


def test_hidden_slides_are_left_out_and_told(tmp_path: Path) -> None:
    parsed = read(tmp_path, show(title("One"), HIDDEN, title("Three"), HIDDEN))
    assert "Not shown" not in parsed.markdown
    assert parsed.warnings == ("2 hidden slides are left out: 2, 4.",)
    assert parsed.places == (Place(0, 1, ""), Place(len("## One\n"), 3, ""))
    assert parsed.pages == 4


def test_a_damaged_slide_does_not_spoil_the_others(tmp_path: Path) -> None:
    data = hostile.with_member(
        show(title("One"), title("Two")), "ppt/slides/slide1.xml", lambda xml: xml[:300]
    )
    parsed = read(tmp_path, data)
    assert parsed.markdown == "## Two\n"
    assert parsed.warnings == ("1 damaged part is left out: 'ppt/slides/slide1.xml'.",)


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=12)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["shape", "item", "cell", "parted", "slide"]), WORDS),
        min_size=1,
        max_size=12,
    )
)
def test_text_comes_out_in_its_order(tmp_path: Path, pieces: list[tuple[str, str]]) -> None:
    makers: dict[str, Callable[[str], str]] = {
        "shape": shape,
        "item": lambda words: shape(words, styles=BULLET),
        "cell": lambda words: table(((words, ""), ("-", ""))),
        "parted": lambda words: shape(
            paragraph(*(run(letter, 'b="1"' * (at % 2)) for at, letter in enumerate(words)))
        ),
        "slide": shape,
    }
    slides = [""]
    for kind, words in pieces:
        slides += [""] if kind == "slide" else []
        slides[-1] += makers[kind](words)
    markdown = read(tmp_path, show(*slides)).markdown
    at = 0
    for _kind, words in pieces:
        assert words in markdown[at:]
        at = markdown.index(words, at) + len(words)


@pytest.mark.parametrize("seed", range(4))
def test_spoilt_files_are_read_or_refused(seed: int, tmp_path: Path) -> None:
    good = [samples.slides(), *(data for data, _markdown in CASES.values())]
    survives(tmp_path, good, "a.pptx", times=40, seed=seed)
