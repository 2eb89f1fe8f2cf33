"""PDFs: forms, comments, what goes on over pages, and what is left out and told."""

from pathlib import Path

import fpdf
import pytest

from tests.unit.parsers.made.pdf import (
    any_text,
    document,
    field,
    form,
    look,
    prose,
    stream,
    text,
)
from tests.unit.parsers.pdf.pages import LIES_ON, READS_OFF, a_form, paged, read


def test_the_values_of_a_form_stand_beside_their_labels(tmp_path: Path) -> None:
    parsed = read(tmp_path, a_form())
    lines = [line for line in parsed.markdown.splitlines() if line]
    assert lines[:7] == [
        "Name: Smithers",
        "City: Springdale",
        "Married [x]",
        "Children [ ]",
        "Colour: green",
        "Secret: *******",
        "Code: 1234567",
    ]
    assert "First line" in parsed.markdown
    assert "Third line that is not seen" in parsed.markdown
    assert parsed.markdown.count("First line") == 1
    assert "hunter2" not in parsed.markdown
    assert "not shown" not in parsed.markdown
    assert parsed.warnings == ("1 hidden field of the form was left out.",)


def test_a_form_without_other_text_is_read(tmp_path: Path) -> None:
    data = document(
        " ",
        annotations=[
            field(b"Tx", "180 595 360 612", 500, b"/T(a)/V(Smithers)"),
            field(b"Tx", "180 565 360 582", 501, b"/T(b)/V(Springdale)"),
            b"<</Type/Annot/Subtype/FreeText/Rect[72 500 252 517]/Contents(Typed note)/DA(/F1 11 Tf)>>",
        ],
        objects={500: look("Smithers"), 501: look("Springdale")},
        catalog=form(2),
    )
    assert read(tmp_path, data).markdown.split() == ["Smithers", "Springdale", "Typed", "note"]


def test_comments_are_notes_at_the_words_that_they_lie_on(tmp_path: Path) -> None:
    data = document(
        text(72, 700, "This sentence was marked.") + text(72, 600, "And this is more."),
        annotations=[
            b"<</Type/Annot/Subtype/Highlight/Rect[72 695 138 712]/QuadPoints[72 712 138 712 72 695 138 695]"
            b"/Contents(Is this so?)/T(Nora)>>",
            b"<</Type/Annot/Subtype/Text/Rect[300 595 320 615]/Contents(Ask Luis)>>",
        ],
    )
    assert read(tmp_path, data).markdown == (
        "This sentence[^c1] was marked.\n\n[^c1]: Nora: Is this so?\n\nAnd this is more.[^c2]\n\n[^c2]: Ask Luis\n"
    )


def test_a_head_that_runs_through_is_written_once_and_page_numbers_stay(tmp_path: Path) -> None:
    markdown = read(tmp_path, document(*paged())).markdown
    assert markdown.count("Northwind Trading Ltd - Annual Report") == 1
    assert markdown.count("Report of the year") == 1
    assert [f"Page {number} of 4" in markdown for number in range(1, 5)] == [True] * 4
    assert markdown.startswith("Northwind Trading Ltd - Annual Report\n")


def test_the_same_title_on_each_page_stays_when_there_is_nothing_else(tmp_path: Path) -> None:
    assert read(tmp_path, document(*[text(72, 765, "Hello world")] * 5)).markdown.count("Hello world") == 5


def test_a_paragraph_goes_on_over_the_page(tmp_path: Path) -> None:
    first = prose(72, 110, ["The first page ends in the middle of a sentence, and of a"]) + text(300, 30, "1")
    second = prose(72, 700, ["long word: it goes on here."]) + text(300, 30, "2")
    assert "and of a long word: it goes on here." in read(tmp_path, document(first, second)).markdown


def test_each_page_is_a_place(tmp_path: Path) -> None:
    parsed = read(
        tmp_path, document(text(72, 700, "First."), text(72, 700, "Second."), text(72, 700, "Third."))
    )
    assert parsed.pages == 3
    assert [parsed.markdown[place.start :].split()[0] for place in parsed.places] == [
        "First.",
        "Second.",
        "Third.",
    ]


# Files, words of theirs that are read, and the whole of what is told.
LOSSES: dict[str, tuple[bytes, str, tuple[str, ...]]] = {
    "an image, and a scanned page": (
        document(
            text(72, 700, "Text") + "q 100 0 0 100 72 550 cm /I Do Q",
            "q 500 0 0 700 50 50 cm /I Do Q",
            resources=READS_OFF,
            objects=LIES_ON,
        ),
        "Text",
        (
            "Page 2 has no readable text: text recognition (OCR) is not available.",
            "1 image has no readable text: text recognition (OCR) is not available.",
        ),
    ),
    "an image that is a dot": (
        document(text(72, 700, "Text") + "q 5 0 0 5 72 550 cm /I Do Q", resources=READS_OFF, objects=LIES_ON),
        "Text",
        (),
    ),
    "a scan with recognised text": (
        document(
            "q 500 0 0 700 50 50 cm /I Do Q BT /F1 12 Tf 3 Tr 72 700 Td (Words) Tj ET",
            resources=READS_OFF,
            objects=LIES_ON,
        ),
        "Words",
        (),
    ),
    "an empty page": (document(text(72, 700, "Text"), " "), "Text", ()),
    "letters without a meaning": (
        document(text(72, 700, "Text") + any_text(72, 680, "\ue123\ue124")),
        "Text",
        ("2 characters could not be read: the file does not say which letters they are.",),
    ),
    "text beside the page": (
        document(text(72, 700, "Text") + text(-200, 600, "Unseen")),
        "Text",
        ("6 characters outside the visible page are left out.",),
    ),
    "text that the page's edge cuts": (document(text(72, 700, "Text") + text(72, -3, "Half")), "Half", ()),
    "a layer that is off": (
        document(
            "/OC/L1 BDC " + text(72, 700, "Shown") + "EMC /OC/L2 BDC " + text(72, 680, "Hidden") + "EMC",
            objects={500: b"<</Type/OCG/Name(One)>>", 501: b"<</Type/OCG/Name(Two)>>"},
            catalog=b"/OCProperties<</OCGs[500 0 R 501 0 R]/D<</Order[500 0 R]/OFF[501 0 R]>>>>",
            resources=b"/Properties<</L1 500 0 R/L2 501 0 R>>",
        ),
        "Shown",
        ("6 characters on hidden layers are left out.",),
    ),
    "files inside": (
        document(
            text(72, 700, "Text"),
            annotations=[b"<</Type/Annot/Subtype/FileAttachment/Rect[72 400 100 420]/FS<</F(a.xls)>>>>"],
            objects={500: b"<</Type/Filespec/F(b.xls)/EF<</F 501 0 R>>>>", 501: stream(b"x")},
            catalog=b"/Names<</EmbeddedFiles<</Names[(b.xls) 500 0 R]>>>>",
        ),
        "Text",
        ("2 embedded files were not read: send them as separate documents.",),
    ),
    "fonts that give wrong letters": (
        document(*[any_text(72, 700, " ".join(["ȥǂ࣎ʤ ƹΉటҧ ຏହഀ ȥࠨ˖Η"] * 5), 6)]),
        "ƹΉటҧ",
        ("Page 1 has text that may be wrong: the fonts do not say which letters they show.",),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_left_out_is_told_and_nothing_else(name: str, tmp_path: Path) -> None:
    data, expected, warnings = LOSSES[name]
    parsed = read(tmp_path, data)
    assert expected in parsed.markdown
    assert parsed.warnings == warnings
    assert "Hidden" not in parsed.markdown


@pytest.mark.parametrize(
    ("info", "title"),
    [
        (b"/Title(The annual report)", "The annual report"),
        (b"/Title(Microsoft Word - plan.doc)", None),
        (b"/Title(untitled)", None),
        (b"/Title(scan0001.pdf)", None),
        (b"", None),
    ],
)
def test_a_title_is_one_only_when_it_says_something(info: bytes, title: str | None, tmp_path: Path) -> None:
    assert read(tmp_path, document(text(72, 700, "Text"), info=info)).title == title


def test_a_file_that_opens_without_a_password_is_read(tmp_path: Path) -> None:
    maker = fpdf.FPDF()
    maker.set_encryption(owner_password="owner", user_password="")
    maker.add_page()
    maker.set_font("helvetica")
    maker.cell(text="open to all")
    assert read(tmp_path, bytes(maker.output())).markdown == "open to all\n"
