"""PDFs: the text of a page comes out as a person reads it."""

from pathlib import Path

import pytest

from tests.unit.parsers.made.pdf import (
    any_text,
    document,
    prose,
    text,
    turned,
)
from tests.unit.parsers.pdf.pages import BODY, BODY_READ, LIES_ON, READS_OFF, backwards, read

# Pages, and what is read of them, whole.
PAGES: dict[str, tuple[bytes, str]] = {
    "the top and the foot of a page": (
        document(
            text(72, 775, "Northwind Trading Ltd") + prose(72, 600, BODY) + text(72, 12, "IBAN XX00 1234")
        ),
        f"Northwind Trading Ltd\n\n{BODY_READ}\nIBAN XX00 1234\n",
    ),
    "a title in large letters": (
        document(text(72, 755, "Annual Report", 24) + prose(72, 600, BODY)),
        f"# Annual Report\n\n{BODY_READ}",
    ),
    "a large first letter beside the first lines": (
        document(
            text(72, 680, "O", 33)
            + prose(
                98,
                695,
                [
                    "nce upon a time there was a mill beside the",
                    "sea, and in it lived a miller who for years",
                ],
            )
            + prose(72, 667, ["had a cat that could count."])
        ),
        "Once upon a time there was a mill beside the sea, and in it lived a miller who for years had a cat that could "
        "count.\n",
    ),
    "headings of two sizes, and a bold one": (
        document(
            text(72, 755, "Annual Report", 24)
            + text(72, 720, "Europe", 16)
            + prose(72, 700, BODY)
            + text(72, 630, "The south", 11, "F2")
            + prose(72, 612, BODY)
        ),
        f"# Annual Report\n\n## Europe\n\n{BODY_READ}\n### The south\n\n{BODY_READ}",
    ),
    "a numbered heading": (
        document(text(72, 720, "2. Sales", 16) + prose(72, 700, BODY)),
        f"# 2. Sales\n\n{BODY_READ}",
    ),
    "bold text that is a sentence": (
        document(prose(72, 700, BODY) + text(72, 640, "This is a sentence in bold.", 11, "F2")),
        f"{BODY_READ}\nThis is a sentence in bold.\n",
    ),
    "paragraphs by indent and by gap": (
        document(
            prose(72, 700, BODY)
            + text(87, 658, "The second is indented and it goes on for more than one")
            + text(72, 644, "line, and ends.")
            + text(72, 616, "The third stands apart.")
        ),
        f"{BODY_READ}\nThe second is indented and it goes on for more than one line, and ends.\n\n"
        "The third stands apart.\n",
    ),
    "lines that were ended on purpose": (
        document(prose(72, 700, ["Northwind Trading", "5 Harbour Road", "Bristol"]) + prose(72, 600, BODY)),
        f"Northwind Trading\n5 Harbour Road\nBristol\n\n{BODY_READ}",
    ),
    "words parted at the end of a line": (
        document(
            prose(
                72,
                700,
                [
                    "This well-known text has infor-",
                    "mation on a thing that is well-",
                    "known, and on co­",
                    "operation.",
                ],
            )
        ),
        "This well-known text has information on a thing that is well-known, and on cooperation.\n",
    ),
    "a name and a number with a hyphen at the line's end": (
        document(
            prose(
                72,
                700,
                ["It was told to us by Jean-", "Paul on the day of COVID-", "19 and on no other day."],
            )
        ),
        "It was told to us by Jean-Paul on the day of COVID-19 and on no other day.\n",
    ),
    "a list in a list": (
        document(
            prose(72, 700, ["Buy:", "• bread", "• milk and a long"])
            + text(80, 658, "second line")
            + text(90, 644, "- skimmed")
            + prose(72, 630, ["• eggs"])
        ),
        "Buy:\n\n- bread\n- milk and a long second line\n  - skimmed\n- eggs\n",
    ),
    "bullets that are letters of a typewriter's font": (
        document(
            text(72, 700, "• Fruit")
            + text(90, 686, "o", 11, "F3")
            + text(108, 686, "Apples")
            + text(90, 672, "o", 11, "F3")
            + text(108, 672, "Pears")
        ),
        "- Fruit\n  - Apples\n  - Pears\n",
    ),
    "bullets that are shapes, and images": (
        document(
            "72 703 4 4 re f 72 689 m 76 689 l 76 693 l 74 695 72 693 72 689 c S q 5 0 0 5 72 674 cm /I Do Q "
            + prose(84, 700, ["bread", "milk", "eggs"]),
            resources=READS_OFF,
            objects=LIES_ON,
        ),
        "- bread\n- milk\n- eggs\n",
    ),
    "lists with Roman numbers": (
        document(prose(72, 700, ["I. first", "II. second", "III. third"])),
        "- I. first\n- II. second\n- III. third\n",
    ),
    "numbered lists": (
        document(prose(72, 700, ["1. first", "2. second", "3) third", "a) fourth"])),
        "1. first\n2. second\n3) third\n- a) fourth\n",
    ),
    "a number at a line's start by chance": (
        document(
            prose(
                72,
                700,
                [
                    "The house was built in the long and warm summer of the year",
                    "1984. It stood for all of a hundred years.",
                ],
            )
        ),
        "The house was built in the long and warm summer of the year 1984. It stood for all of a hundred years.\n",
    ),
    "typewriter letters": (
        document(
            prose(72, 700, BODY)
            + text(72, 640, "if x<b>y:", 10, "F3")
            + text(96, 628, "go()", 10, "F3")
            + text(72, 604, "stop()", 10, "F3")
        ),
        f"{BODY_READ}\n```\nif x<b>y:\n    go()\n\nstop()\n```\n",
    ),
    "ligatures": (document(any_text(72, 700, "The oﬃce ﬁnds a ﬂower")), "The office finds a flower\n"),
    "accents drawn over letters": (
        document(any_text(72, 700, "cafe") + any_text(90, 700, "´")),
        "café\n",
    ),
    "text that is drawn twice": (
        document(
            text(72, 700, "Annual")
            + text(72.4, 700, "Annual")
            + text(72, 660, "Shadow", 11)
            + text(72.8, 659.2, "Shadow", 11)
        ),
        "Annual\n\nShadow\n",
    ),
    "letters wide apart": (
        document(text(72, 700, "A n n u a l   R e p o r t") + prose(72, 600, BODY)),
        f"Annual Report\n\n{BODY_READ}",
    ),
    "letters wide apart by the font's setting": (
        document(text(72, 700, "Annual Report", setup="3 Tc") + " BT 0 Tc ET " + prose(72, 600, BODY)),
        f"Annual Report\n\n{BODY_READ}",
    ),
    "letters alone": (document(text(72, 700, "a b c d e f")), "a b c d e f\n"),
    "raised and lowered signs": (
        document(
            text(72, 700, "A claim")
            + text(108.5, 704, "12", 7)
            + text(120, 700, "of H")
            + text(140.5, 697, "2", 7)
            + text(144.5, 700, "O on the 1")
            + text(196, 704, "st", 7)
            + text(205, 700, "day")
        ),
        "A claim^12^ of H~2~O on the 1st day\n",
    ),
    "a sign that is lowered by half": (
        document(text(72, 700, "of H") + text(92.5, 695, "2", 8) + text(97.5, 700, "O.")),
        "of H~2~O.\n",
    ),
    "text that cannot be seen, over a scan": (
        document("BT /F1 12 Tf 3 Tr 1 0 0 1 72 700 Tm (Recognised words) Tj ET"),
        "Recognised words\n",
    ),
    "a value over a line of underscores": (
        document(text(72, 700, "Name: ____________________ Age: 7") + text(110, 701, "Jane Doe")),
        "Name: … Jane Doe Age: 7\n",
    ),
    "dots that lead to a number": (
        document(text(72, 700, "Introduction . . . . . . . . . 1")),
        "Introduction … 1\n",
    ),
    # right to left
    "a line from right to left, as one string": (
        document(any_text(100, 700, backwards("שלום עולם הלקוח יכול"))),
        "שלום עולם הלקוח יכול\n",
    ),
    "a line from right to left, word by word": (
        document(
            any_text(250, 700, backwards("שלום"))
            + any_text(215, 700, backwards("עולם"))
            + any_text(140, 700, "(123)")
            + any_text(180, 700, backwards("סוף"))
        ),
        "שלום עולם סוף (123)\n",
    ),
    "words from right to left, drawn from the left": (
        document(
            any_text(180, 700, backwards("סוף"))
            + any_text(215, 700, backwards("עולם"))
            + any_text(250, 700, backwards("שלום"))
        ),
        "שלום עולם סוף\n",
    ),
    "numbers and words of Latin letters in it": (
        document(any_text(100, 700, "ףוס PDF/A םלוע 12.50 םולש")),
        "שלום 12.50 עולם PDF/A סוף\n",
    ),
    "two lines from right to left": (
        document(
            any_text(100, 700, backwards("השורה הראשונה של הטקסט"))
            + any_text(106, 686, backwards("והשנייה באה אחריה כאן"))
        ),
        "השורה הראשונה של הטקסט והשנייה באה אחריה כאן\n",
    ),
    "a word from right to left in a line of Latin letters": (
        document(
            text(72, 700, "The word")
            + any_text(122, 700, backwards("שלום"), 11)
            + text(150, 700, "means peace.")
        ),
        "The word שלום means peace.\n",
    ),
    "the shapes of Arabic letters": (
        document(any_text(100, 700, backwards("\ufe8d\ufedf\ufecc\ufe8e\ufedf\ufee2"))),
        "العالم\n",
    ),
    "numbers in brackets in a line of Hebrew": (
        document(any_text(72, 700, ".(17%) " + backwards('כולל מע"מ'))),
        'כולל מע"מ (17%).\n',
    ),
    "more letters of an address than of Hebrew": (
        document(any_text(72, 700, "info@lamps.example " + backwards("כתבו אל"))),
        "כתבו אל info@lamps.example\n",
    ),
    "boxes with a tick, and with a cross": (document(any_text(72, 700, "\uf0feJa\uf0fdNo")), "☑Ja☒No\n"),
    # directions
    "text in the margin and a watermark": (
        document(
            prose(100, 700, BODY)
            + turned(40, 300, "Copy for the files", "0 1 -1 0")
            + turned(200, 300, "DRAFT", "0.7071 0.7071 -0.7071 0.7071")
        ),
        f"{BODY_READ}\nDRAFT\n\nCopy for the files\n",
    ),
    "a page that stands on its head": (
        document(
            turned(500, 100, "First line of the page", "-1 0 0 -1")
            + turned(500, 114, "and the second", "-1 0 0 -1")
        ),
        "First line of the page and the second\n",
    ),
    "a page on its side": (
        document(
            turned(100, 100, "First line of the page", "0 1 -1 0")
            + turned(114, 100, "and the second", "0 1 -1 0"),
            page=b"/MediaBox[0 0 612 792]/Rotate 90",
        ),
        "First line of the page and the second\n",
    ),
    "a line turned to the right": (
        document(turned(300, 400, 'It is "low", he said; e.g. here.', "0 -1 1 0")),
        'It is "low", he said; e.g. here.\n',
    ),
    "a turned line whose letters are drawn one by one": (
        document(
            prose(100, 700, BODY)
            + "".join(
                turned(300, 400 - at, letter, "0 -1 1 0", 10)
                for letter, at in zip("noone", (0, 5.56, 13.9, 19.46, 25.02), strict=True)
            )
        ),
        f"{BODY_READ}\nno one\n",
    ),
    "lines that run down the page": (
        document(any_text(500, 700, "縦書きの文", font="V") + any_text(480, 700, "二行目です", font="V")),
        "縦書きの文二行目です\n",
    ),
    "Japanese lines": (
        document(any_text(72, 700, "日本語の文が、二つの") + any_text(72, 686, "行に分かれています。")),
        "日本語の文が、二つの行に分かれています。\n",
    ),
    # tables
    "a formula beside a word with spaces between its letters": (
        document(
            text(72, 700, "a b x")
            + text(95.8, 704, "2", 7)
            + text(125, 700, "S P A C E D")
            + text(192.5, 700, "S end")
        ),
        "a b x^2^ SPACED S end\n",
    ),
    "a link": (
        document(
            text(72, 700, "See our terms for more."),
            annotations=[
                b"<</Type/Annot/Subtype/Link/Rect[91 695 141 712]/A<</S/URI/URI(https://a.example/x)>>>>"
            ],
        ),
        "See [our terms](https://a.example/x) for more.\n",
    ),
    "a link that says its own address": (
        document(
            text(72, 700, "https://a.example/x"),
            annotations=[
                b"<</Type/Annot/Subtype/Link/Rect[70 695 200 712]/A<</S/URI/URI(https://a.example/x)>>>>"
            ],
        ),
        "https://a.example/x\n",
    ),
    "a text that stands for an image": (
        document(
            text(72, 700, "Above")
            + "/Figure<</MCID 0>>BDC q 100 0 0 100 72 550 cm /I Do Q EMC "
            + text(72, 500, "Below"),
            resources=READS_OFF,
            page=b"/MediaBox[0 0 612 792]/StructParents 0",
            objects={
                **LIES_ON,
                501: b"<</Type/StructTreeRoot/K 502 0 R/ParentTree<</Nums[0[503 0 R]]>>>>",
                502: b"<</Type/StructElem/S/Document/P 501 0 R/K[503 0 R]>>",
                503: b"<</Type/StructElem/S/Figure/P 502 0 R/Pg 1000 0 R/K 0/Alt(A red square)>>",
            },
            catalog=b"/StructTreeRoot 501 0 R/MarkInfo<</Marked true>>",
        ),
        "Above\n\nA red square\n\nBelow\n",
    ),
    # whole files
    "a file without its end mark": (document(text(72, 700, "Whole"), end=b""), "Whole\n"),
    "a file with something behind its end": (
        document(text(72, 700, "Whole"), end=b"%%EOF\n" + b"<!-- x -->" * 200),
        "Whole\n",
    ),
    "a file whose table of objects is wrong": (
        document(text(72, 700, "Whole")).replace(b"xref\n0", b"xref\n7"),
        "Whole\n",
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_as_it_is_seen(name: str, tmp_path: Path) -> None:
    data, expected = PAGES[name]
    parsed = read(tmp_path, data)
    assert parsed.markdown == expected
    assert parsed.warnings == ()
