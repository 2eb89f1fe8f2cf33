"""Sample files, one builder a type. All tell of the same invented deps, in English and Spanish."""

import csv
import io
import json
import zipfile

import docx
import fpdf
import openpyxl
import pptx
from docx.document import Document
from fpdf.fonts import FontFace

from tests.unit.parsers.made import old_office, opendocument

MARKDOWN = """# Returns policy

Customers of **Casa Alborada** may return an item within 30 days.

- Keep the receipt
- Keep the box

## Devoluciones en España

El cliente tendrá un plazo de quince días; la señal no se devuelve.

| Item | Fee |
| --- | --- |
| Lamp | 4 EUR |
"""

PLAIN = "Casa Alborada\n\nEl año pasado: señal, depósito y corazón.\nSecond line.\n"

HTML = """<!DOCTYPE html><html lang="es"><head><title>Casa Alborada</title><style>p {color: red}</style>
<script>var secret = 1;</script></head><body><h1>Returns policy</h1><p>Return it within <b>30 days</b>.</p>
<ul><li>Keep the receipt</li><li>Keep the box</li></ul>
<table><tr><th>Item</th><th>Fee</th></tr><tr><td>Lamp</td><td>4 EUR</td></tr></table>
<p>Devoluciones en Espa&ntilde;a: quince días.</p></body></html>"""

TABLE = [["Artículo", "Fee"], ["Lamp | shade", "4 EUR"], ["Two\nlines", "5 EUR"]]

JSON = {"company": "Casa Alborada", "país": "España", "fees": [{"item": "Lamp", "euros": 4}], "open": True}

NOTEBOOK = {
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": ["# Returns policy\n", "Quince días."]},
        {
            "cell_type": "code",
            "source": ["# the fee\n", "print(4)"],
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["4\n"]}],
        },
    ],
}

XML = """<?xml version="1.0" encoding="UTF-8"?>
<policy lang="es"><title>Returns policy</title><fee item="Lamp">4 EUR</fee><note>señal</note></policy>"""

EMAIL = b"""From: Nora <nora@alborada.example>
To: Luis <luis@alborada.example>
Subject: =?utf-8?q?Devoluci=C3=B3n_del_pedido?=
Date: Mon, 02 Nov 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="cut"

--cut
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

El plazo es de quince d=EDas.
--cut
Content-Type: application/pdf
Content-Disposition: attachment; filename="factura.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--cut--
"""

RTF = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\info{\title Returns}}"
    rb"\f0\fs24 Returns policy\par El a\'f1o y la se\u241?al.\par Second paragraph.\par}"
)


def pdf(pages: int = 1) -> bytes:
    """A PDF with a heading, a paragraph and a ruled table on each page."""
    made = fpdf.FPDF()
    for number in range(1, pages + 1):
        made.add_page()
        made.set_font("helvetica", size=20)
        made.cell(0, 12, f"Returns policy {number}", new_x="LMARGIN", new_y="NEXT")
        made.set_font("helvetica", size=11)
        made.multi_cell(0, 6, "El cliente tendrá un plazo de quince días para la devolución.")
        made.ln(6)
        with made.table(headings_style=FontFace(emphasis="BOLD")) as table:
            for row in (("Item", "Fee"), ("Lamp", "4 EUR"), ("Sofa", "49 EUR")):
                table.row(row)
        made.ln(6)
        made.multi_cell(0, 6, "Paragraph after the table.")
    return bytes(made.output())


def word() -> bytes:
    """A docx with headings, bullets and numbers by style, and a table."""
    made: Document = docx.Document()
    made.core_properties.title = "Returns of Casa Alborada"
    made.add_heading("Returns policy", 1)
    made.add_paragraph("El cliente tendrá un plazo de quince días.")
    made.add_paragraph("Keep the receipt", style="List Bullet")
    made.add_paragraph("Keep the box", style="List Bullet")
    made.add_paragraph("Deeper", style="List Bullet 2")
    made.add_heading("Steps", 2)
    made.add_paragraph("Write to us", style="List Number")
    made.add_paragraph("Send it back", style="List Number")
    table = made.add_table(2, 2)
    for row, cells in enumerate((("Item", "Fee"), ("Lamp | shade", "4 EUR"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    made.add_paragraph("After the table.")
    return _saved(made)


def slides() -> bytes:
    """A pptx with a title, bullets, a table and speaker's notes."""
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text = "Returns policy"
    slide.placeholders[1].text = "Keep the receipt\nPlazo: quince días"
    slide.notes_slide.notes_text_frame.text = "Say it slowly: corazón."
    second = made.slides.add_slide(made.slide_layouts[5])
    second.shapes.title.text = "Fees"
    inch = 914400
    table = second.shapes.add_table(2, 2, inch, 2 * inch, 4 * inch, inch).table
    for row, cells in enumerate((("Item", "Fee"), ("Lamp", "4 EUR"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    return _saved(made)


def workbook() -> bytes:
    """An xlsx with two sheets, a cell that holds a pipe and one with a number."""
    made = openpyxl.Workbook()
    first = made.active
    first.title = "Fees"
    for row in (*TABLE, ["Sofa", 49]):
        first.append(row)
    made.create_sheet("Países").append(["España", 15.5])
    return _saved(made)


def separated(delimiter: str, encoding: str = "utf-8") -> bytes:
    """A csv or tsv of `TABLE`."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(TABLE)
    return out.getvalue().encode(encoding)


def archive(members: dict[str, bytes], first: tuple[str, bytes] | None = None) -> bytes:
    """A zip; `first` is stored uncompressed ahead of the others, as epub and odt want their media type."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        if first:
            made.writestr(zipfile.ZipInfo(first[0]), first[1])
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


def epub(chapter: bytes = b"") -> bytes:
    """An epub of one chapter, or of the given XHTML."""
    body = b"<h1>Returns policy</h1><p>Quince d\xc3\xadas.</p><ul><li>Keep the receipt</li></ul>"
    xhtml = (
        b'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
        b"<head><title>One</title></head><body>" + body + b"</body></html>"
    )
    return archive(
        {
            "META-INF/container.xml": b'<?xml version="1.0"?><container version="1.0" '
            b'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
            b'full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>'
            b"</rootfiles></container>",
            "OEBPS/content.opf": b'<?xml version="1.0"?><package version="3.0" '
            b'xmlns="http://www.idpf.org/2007/opf" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            b'<dc:identifier id="id">x</dc:identifier><dc:title>Casa Alborada</dc:title>'
            b"<dc:language>es</dc:language></metadata><manifest>"
            b'<item id="c1" href="one.xhtml" media-type="application/xhtml+xml"/></manifest>'
            b'<spine><itemref idref="c1"/></spine></package>',
            "OEBPS/one.xhtml": chapter or xhtml,
        },
        first=("mimetype", b"application/epub+zip"),
    )


ODT_CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.2"'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:text>'
    '<text:h text:outline-level="1">Returns policy</text:h><text:p>Quince días.</text:p>'
    "<text:list><text:list-item><text:p>Keep the receipt</text:p></text:list-item></text:list>"
    "<table:table><table:table-row><table:table-cell><text:p>Item</text:p></table:table-cell>"
    "<table:table-cell><text:p>Fee</text:p></table:table-cell></table:table-row><table:table-row>"
    "<table:table-cell><text:p>Lamp</text:p></table:table-cell><table:table-cell><text:p>4 EUR</text:p>"
    "</table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>"
)

ODT_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest manifest:version="1.2"'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/"'
    ' manifest:media-type="application/vnd.oasis.opendocument.text"/>'
    "</manifest:manifest>"
)


def odt(content: str = ODT_CONTENT, manifest: str = ODT_MANIFEST) -> bytes:
    """An OpenDocument text."""
    return archive(
        {"content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()},
        first=("mimetype", b"application/vnd.oasis.opendocument.text"),
    )


def every_type() -> dict[str, bytes]:
    """A good file for each extension."""
    return {
        "txt": PLAIN.encode(),
        "md": MARKDOWN.encode(),
        "html": HTML.encode(),
        "pdf": pdf(),
        "docx": word(),
        "pptx": slides(),
        "xlsx": workbook(),
        "doc": old_office.word("Returns policy\rQuince días.\r"),
        "ppt": old_office.slides(("Returns policy", "Fees")),
        "xls": old_office.workbook(("Lamp", "Sofa")),
        "csv": separated(","),
        "tsv": separated("\t"),
        "json": json.dumps(JSON).encode(),
        "jsonl": json.dumps(JSON).encode(),
        "ipynb": json.dumps(NOTEBOOK).encode(),
        "xml": XML.encode(),
        "eml": EMAIL,
        "mht": b"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n" + HTML.encode(),
        "epub": epub(),
        "rtf": RTF,
        "odt": odt(),
        **open_documents(),
    }


def open_documents() -> dict[str, bytes]:
    """The other OpenDocument types: spreadsheets, presentations, templates, flat files."""
    title = opendocument.placed("title", "Returns policy of Casa Alborada")
    bodies = {
        "t": ("text", opendocument.p("Returns policy of Casa Alborada")),
        "s": (
            "spreadsheet",
            opendocument.table(opendocument.row("Returns policy", "Fee"), opendocument.row("Lamp", "4 EUR")),
        ),
        "p": ("presentation", opendocument.slide(title)),
    }
    made = {"odg": opendocument.container("drawing", bodies["p"][1])}
    for letter, (kind, body) in bodies.items():
        made |= {
            f"od{letter}": opendocument.container(kind, body),
            f"ot{letter}": opendocument.container(kind, body),
            f"fod{letter}": opendocument.flat(kind, body),
        }
    return {name: data for name, data in made.items() if name != "odt"}


def _saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()
