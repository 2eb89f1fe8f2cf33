"""Pages of PDFs that more than one file of tests reads."""

from pathlib import Path

from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse
from tests.unit.parsers.made.pdf import (
    document,
    field,
    form,
    look,
    prose,
    stream,
    text,
)

IMAGE = stream(
    b"\xff\0\0" * 4, b"/Type/XObject/Subtype/Image/Width 2/Height 2/BitsPerComponent 8/ColorSpace/DeviceRGB"
)
BODY = [
    "The company sold more units than in the year before and the",
    "margin rose in all of the regions but one. The board expects",
    "that the trend will go on in the coming year as well.",
]
BODY_READ = (
    "The company sold more units than in the year before and the margin rose in all of the regions but one. "
    "The board expects that the trend will go on in the coming year as well.\n"
)
READS_OFF, LIES_ON = b"/XObject<</I 500 0 R>>", {500: IMAGE}


def read(directory: Path, data: bytes) -> ParsedFile:
    path = directory / "upload"
    path.write_bytes(data)
    return parse(path, "a.pdf", Limits())


def backwards(words: str) -> str:
    """A right-to-left text as it stands on the page, from left to right."""
    return words[::-1]


def columns(
    *stories: str, count: int = 10, top: float = 700, drift: float = 0, by_column: bool = False
) -> str:
    """Stories side by side, drawn row by row, or one after the other; each one lower than the one before by `drift`."""
    places = [(row, column) for row in range(count) for column in range(len(stories))]
    if by_column:
        places.sort(key=lambda place: place[1])
    width = 520 // len(stories)
    return "".join(
        text(
            50 + width * column,
            top - 14 * row - drift * column,
            f"{stories[column]} {row} of the tale told",
            8,
        )
        for row, column in places
    )


def cells(*rows: tuple[str, ...], width: int = 130) -> str:
    """Short texts side by side, without lines."""
    return "".join(
        text(72 + width * column, 700 - 16 * number, cell)
        for number, row in enumerate(rows)
        for column, cell in enumerate(row)
    )


def in_turn(*words: str) -> str:
    return " ".join(words)


def a_form() -> bytes:
    font = b"/F4<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"
    signs = b"/Type/XObject/Subtype/Form/BBox[0 0 15 17]/Resources<</Font<<%s>>>>" % font
    boxes = b"/AP<</N<</Yes 501 0 R/Off 502 0 R>>>>"
    labels = ["Name:", "City:", "Married", "Children", "Colour:", "Secret:", "Code:"]
    return document(
        "".join(text(72, 600 - 30 * number, label) for number, label in enumerate(labels))
        + text(72, 380, "Notes:"),
        annotations=[
            field(b"Tx", "180 595 360 612", 500, b"/T(a)/V(Smithers)"),
            field(b"Tx", "180 565 360 582", None, b"/T(b)/V(Springdale)/DA(/F1 11 Tf)"),
            field(b"Btn", "180 535 195 552", None, b"/T(c)/V/Yes/AS/Yes" + boxes),
            field(b"Btn", "180 505 195 522", None, b"/T(d)/V/Off/AS/Off" + boxes),
            field(
                b"Ch", "180 475 360 492", None, b"/T(e)/V(green)/Opt[(red)(green)]/Ff 131072/DA(/F1 11 Tf)"
            ),
            field(b"Tx", "180 445 360 462", 503, b"/T(f)/V(hunter2)/Ff 8192"),
            field(b"Tx", "180 415 360 432", None, b"/T(g)/V(1234567)/Ff 16777216/MaxLen 12/DA(/F1 11 Tf)"),
            field(
                b"Tx",
                "180 360 360 395",
                504,
                b"/T(h)/V(First line\\rSecond line\\rThird line that is not seen)/Ff 4096",
            ),
            field(b"Tx", "180 320 360 337", None, b"/T(i)/V(not shown)").replace(b"/F 4", b"/F 2"),
        ],
        objects={
            500: look("Smithers"),
            501: stream(b"BT /F4 11 Tf 2 4 Td (4) Tj ET", signs),
            502: stream(b"", signs),
            503: look("*******"),
            504: look("First line", height=35),
        },
        catalog=form(9),
    )


def paged(*, count: int = 4) -> list[str]:
    words = ["one", "two", "three", "four", "five", "six"]
    return [
        text(72, 765, "Northwind Trading Ltd - Annual Report", 9)
        + text(72, 30, f"Page {number + 1} of {count}", 9)
        + text(300, 30, f"Report of the year 2024 | {number + 1}", 9)
        + prose(
            72,
            700,
            [
                f"The text of page {words[number]} stands here, and it is",
                "long enough for the body of a page.",
            ],
        )
        for number in range(count)
    ]
