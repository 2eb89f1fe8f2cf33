"""Hostile and broken files, one builder each, made in the test run."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import fpdf
from PIL import Image

from tests.unit.parsers import samples

LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)
QUADRATIC = f'<!DOCTYPE a [<!ENTITY l "{"x" * 50_000}">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>'


def members(container: bytes) -> dict[str, bytes]:
    """Names and contents of a zip."""
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_member(container: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The container with one member changed, or added."""
    found = members(container)
    found[name] = change(found.get(name, b""))
    return samples.archive(found)


def with_doctype(doctype: str, container: bytes, name: str) -> bytes:
    """The container with a DOCTYPE in one of its XML members."""
    return with_member(
        container, name, lambda xml: doctype.encode() + xml[xml.find(b"?>") + 2 if b"?>" in xml else 0 :]
    )


def encrypted_pdf() -> bytes:
    made = fpdf.FPDF()
    made.set_encryption(owner_password="owner", user_password="user")
    made.add_page()
    made.set_font("helvetica")
    made.cell(text="secret")
    return bytes(made.output())


def scanned_pdf() -> bytes:
    made = fpdf.FPDF()
    made.add_page()
    made.image(Image.new("RGB", (300, 300), "red"), w=100)
    return bytes(made.output())


def raw_pdf(objects: list[bytes]) -> bytes:
    """A PDF of the given objects, the first of which is the catalogue."""
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def pdf_of_pages(pages: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, pages + 3))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    tree = b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids)
    return raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", tree, *[page] * pages])


def pdf_bomb(packings: int) -> bytes:
    """A page whose content is 200 MB of spaces, packed so many times."""
    packer = zlib.compressobj(9)
    packed = b"".join([packer.compress(bytes([32]) * (1 << 20)) for _ in range(200)]) + packer.flush()
    for _ in range(packings - 1):
        packed = zlib.compress(packed, 9)
    return raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
            b"<</Length %d/Filter[%s]>>stream\n%s\nendstream"
            % (len(packed), b"/FlateDecode" * packings, packed),
        ]
    )


def zip_bomb(container: bytes, name: str, megabytes: int = 40) -> bytes:
    """The container with a member that unpacks to so many MB of spaces."""
    return with_member(container, name, lambda _old: bytes([32]) * (megabytes << 20))


def lying_bomb(container: bytes, name: str) -> bytes:
    """A bomb whose directory declares 100 bytes for it."""
    bomb = zip_bomb(container, name)
    return bomb.replace(struct.pack("<I", 40 << 20), struct.pack("<I", 100))


def overlapping(container: bytes) -> bytes:
    """A zip whose directory lists its last member twice."""
    end = container.rindex(b"PK\x05\x06")
    count, size, start = struct.unpack("<HII", container[end + 10 : end + 20])
    directory = container[start : start + size]
    last = directory[directory.rindex(b"PK\x01\x02") :]
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count + 1, count + 1, size + len(last), start, 0)
    return container[:start] + directory + last + tail


def many_members(container: bytes) -> bytes:
    return samples.archive(members(container) | {f"word/{n}.xml": b"" for n in range(10_001)})


def encrypted_members(container: bytes) -> bytes:
    """A zip whose members are marked as encrypted."""
    changed = bytearray(container)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = container.find(signature)
        while at >= 0:
            changed[at + offset] |= 1
            at = container.find(signature, at + 4)
    return bytes(changed)


def encrypted_office() -> bytes:
    """The head of an OLE container with the stream in which Office keeps an encrypted document."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016)
    return head + "EncryptedPackage".encode("utf-16-le") + bytes(992)


def deep_json() -> bytes:
    return b"[" * 100_000 + b"]" * 100_000


def wide_json() -> bytes:
    return b"[" + b"[]," * 3_000_000 + b"[]]"


def deep_xml() -> bytes:
    return b"<a>" * 100_000 + b"x" + b"</a>" * 100_000


def deep_odt() -> bytes:
    lists = "<text:list><text:list-item>" * 30_000 + "<text:p>x</text:p>"
    lists += "</text:list-item></text:list>" * 30_000
    return samples.odt(samples.ODT_CONTENT.replace("<office:text>", "<office:text>" + lists))


def deep_docx() -> bytes:
    tables = b"<w:tbl><w:tr><w:tc>" * 20_000 + b"<w:p/>" + b"</w:tc></w:tr></w:tbl>" * 20_000
    return with_member(
        samples.word(), "word/document.xml", lambda xml: xml.replace(b"<w:body>", b"<w:body>" + tables)
    )


def encrypted_odt() -> bytes:
    entry = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    return samples.odt(manifest=samples.ODT_MANIFEST.replace("</manifest:m", entry + "</manifest:m"))


def sparse_workbook() -> bytes:
    """An xlsx with one cell in the last row and column: 17 thousand million cells in between."""
    row = b'<row r="1048576"><c r="XFD1048576"><v>987654</v></c></row></sheetData>'
    return with_member(
        samples.workbook(), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", row)
    )


def nested_email(levels: int) -> bytes:
    lines = ["From: a@b.example", "Subject: x"]
    for level in range(levels):
        lines += [f'Content-Type: multipart/mixed; boundary="b{level}"', "", f"--b{level}"]
    return "\n".join([*lines, "", "text"]).encode()
