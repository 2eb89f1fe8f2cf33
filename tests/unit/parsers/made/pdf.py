"""PDFs by hand: page contents in PDF's own operators, and what lies around them."""

import io
import zlib
from collections.abc import Mapping, Sequence
from functools import cache

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

HELVETICA = b"/F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
_CMAP = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /x def /CMapType 2 def
1 begincodespacerange <0000><FFFF> endcodespacerange
1 beginbfrange <0000><FFFF><0000> endbfrange endcmap end end"""
_FONTS = b"""<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>
/F2<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>
/F3<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>
/F4<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>
/U 4 0 R/V 7 0 R>>"""
"""F1 to F3 take Latin letters, F4 signs; U takes any letter, in UTF-16; V takes Japanese and runs downwards."""
_DESCENDANT = (
    b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Any/DW 500/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
    b"/Supplement 0>>/FontDescriptor 6 0 R>>"
)


@cache
def _square_font() -> bytes:
    """A TrueType font whose one glyph is a square."""
    pen = TTGlyphPen(None)
    for number, corner in enumerate(((50, -150), (50, 750), (950, 750), (950, -150))):
        (pen.lineTo if number else pen.moveTo)(corner)
    pen.closePath()
    empty = TTGlyphPen(None).glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({0x65: "square"})
    builder.setupGlyf({".notdef": empty, "square": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "square": (1000, 50)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Any", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    out = io.BytesIO()
    builder.save(out)
    return out.getvalue()


def stream(data: bytes, entries: bytes = b"", *, packed: bool = False) -> bytes:
    """A stream object."""
    if packed:
        data, entries = zlib.compress(data), entries + b"/Filter/FlateDecode"
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), entries, data)


def document(
    *contents: str | bytes,
    objects: Mapping[int, bytes] | None = None,
    page: bytes = b"/MediaBox[0 0 612 792]",
    annotations: Sequence[bytes] = (),
    resources: bytes = b"",
    catalog: bytes = b"",
    info: bytes = b"",
    end: bytes = b"%%EOF\n",
) -> bytes:
    """A PDF with a page for each content. `objects` are added under numbers from 500 on; `page` goes into each page's
    dictionary, `annotations` on the first page."""
    made: dict[int, bytes] = {
        1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        4: b"<</Type/Font/Subtype/Type0/BaseFont/Any/Encoding/Identity-H/DescendantFonts[%s]/ToUnicode 5 0 R>>"
        % _DESCENDANT,
        5: stream(_CMAP),
        6: b"<</Type/FontDescriptor/FontName/Any/Flags 4/Ascent 800/Descent -200/CapHeight 700/StemV 80"
        b"/FontBBox[0 -200 1000 800]/ItalicAngle 0>>",
        7: b"<</Type/Font/Subtype/Type0/BaseFont/Any/Encoding/Identity-V/DescendantFonts[%s]/ToUnicode 5 0 R>>"
        % _DESCENDANT.replace(b"/DW 500", b"/DW 1000/CIDToGIDMap 10 0 R").replace(b"6 0 R", b"11 0 R"),
        10: stream(b"\0\1" * 0x10000, packed=True),
        11: b"<</Type/FontDescriptor/FontName/Any/Flags 4/Ascent 800/Descent -200/CapHeight 700/StemV 80"
        b"/FontBBox[0 -200 1000 800]/ItalicAngle 0/FontFile2 12 0 R>>",
        12: stream(_square_font()),
        9: b"<<%s>>" % info,
    }
    kids = []
    marks = b"".join(b"%d 0 R " % number for number in range(300, 300 + len(annotations)))
    made.update(enumerate(annotations, start=300))
    for number, content in enumerate(contents):
        data = content.encode("cp1252") if isinstance(content, str) else content
        own = b"/Annots[%s]" % marks if annotations and number == 0 else b""
        made[1000 + 2 * number] = (
            b"<</Type/Page/Parent 2 0 R/Contents %d 0 R/Resources<</Font %s%s>>%s%s>>"
            % (1001 + 2 * number, _FONTS, resources, page, own)
        )
        made[1001 + 2 * number] = stream(data)
        kids.append(b"%d 0 R" % (1000 + 2 * number))
    made[2] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    made.update(objects or {})
    return _written(made, end)


def _written(objects: Mapping[int, bytes], end: bytes) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    at = {}
    for number, body in sorted(objects.items()):
        at[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start, size = out.tell(), max(objects) + 1
    out.write(b"xref\n0 %d\n" % size)
    for number in range(size):
        out.write(b"%010d 00000 n \n" % at[number] if number in at else b"0000000000 65535 f \n")
    out.write(b"trailer\n<</Size %d/Root 1 0 R/Info 9 0 R>>\nstartxref\n%d\n" % (size, start))
    out.write(end)
    return out.getvalue()


def text(x: float, y: float, words: str, size: float = 11, font: str = "F1", setup: str = "") -> str:
    """Words drawn at a place, in a font of Latin letters."""
    safe = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} {size} Tf {setup} 1 0 0 1 {x} {y} Tm ({safe}) Tj ET\n"


def turned(x: float, y: float, words: str, matrix: str, size: float = 11) -> str:
    """Words drawn along another direction: `matrix` is "a b c d"."""
    return f"BT /F1 {size} Tf {matrix} {x} {y} Tm ({words}) Tj ET\n"


def any_text(x: float, y: float, letters: str, size: float = 12, font: str = "U") -> str:
    """Letters of any script, drawn from left to right as they are given."""
    return f"BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm <{letters.encode('utf-16-be').hex()}> Tj ET\n"


def prose(x: float, y: float, rows: Sequence[str], size: float = 11, leading: float = 14) -> str:
    """Rows below each other."""
    return "".join(text(x, y - leading * number, row, size) for number, row in enumerate(rows))


def ruled(x: float, y: float, widths: Sequence[int], rows: Sequence[Sequence[str]], height: int = 20) -> str:
    """A table with a line around each cell; its top left corner is at the place."""
    out = ""
    for number in range(len(rows) + 1):
        out += f"{x} {y - number * height} m {x + sum(widths)} {y - number * height} l S\n"
    for number in range(len(widths) + 1):
        at = x + sum(widths[:number])
        out += f"{at} {y} m {at} {y - height * len(rows)} l S\n"
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            out += text(x + sum(widths[:column]) + 4, y - number * height - 14, cell)
    return out


def field(kind: bytes, box: str, look: int | None = None, entries: bytes = b"") -> bytes:
    """A field of a form: Tx, Btn or Ch. `look` is the object that it is drawn with."""
    shown = b"/AP<</N %d 0 R>>" % look if look else b""
    return b"<</Type/Annot/Subtype/Widget/FT/%s/Rect[%s]/F 4%s%s>>" % (kind, box.encode(), shown, entries)


def look(words: str, width: int = 180, height: int = 17) -> bytes:
    """How a field is drawn: words in a box."""
    return stream(
        f"/Tx BMC BT /F1 11 Tf 2 4 Td ({words}) Tj ET EMC".encode(),
        b"/Type/XObject/Subtype/Form/BBox[0 0 %d %d]/Resources<</Font<<%s>>>>" % (width, height, HELVETICA),
    )


def form(fields: int, first: int = 300) -> bytes:
    """The catalogue's entry for a form of the first annotations."""
    names = b"".join(b"%d 0 R " % number for number in range(first, first + fields))
    return b"/AcroForm<</Fields[%s]/DA(/F1 11 Tf 0 g)/DR<</Font<<%s>>>>>>" % (names, HELVETICA)
