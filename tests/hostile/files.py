"""Hostile files, a line each: the name and the content that are sent, and the reason of the 400 they get.

Those of tests/unit/parsers are read there without a server; here are the worst of them, and others, on their
whole way.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from tests.unit.parsers import hostile, samples


@dataclass(frozen=True)
class Sent:
    """A file that is ingested, and words of the answer; with status 200 it is read."""

    name: str
    file_name: object
    build: Callable[[], bytes]
    says: str
    status: int = 400


def of(data: bytes) -> Callable[[], bytes]:
    """A builder that is quick enough to be done already."""
    return lambda: data


def pdf_of_arrays() -> bytes:
    """A page whose content holds 100,000 arrays in one another."""
    content = b"[" * 100_000 + b"]" * 100_000
    return hostile.raw_pdf([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
    ])  # fmt: skip


def pdf_in_a_circle() -> bytes:
    """Pages that are their own children."""
    return hostile.raw_pdf([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 4000/Parent 2 0 R/Kids[2 0 R 2 0 R]>>"
    ])  # fmt: skip


def pdf_that_claims(pages: int) -> bytes:
    """A count of pages that are not there."""
    return hostile.raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[]>>" % pages])


def pdf_whose_tables_follow_each_other() -> bytes:
    """A table of objects that names itself as the one before."""
    data = samples.pdf()
    start = data.rindex(b"startxref\n") + len(b"startxref\n")
    at = data[start : data.index(b"\n", start)]
    return data.replace(b"trailer\n<<", b"trailer\n<</Prev %s" % at)


def pdf_of_filters() -> bytes:
    """Four MB of spaces under two packings that unpack each other, 1,000 filters named."""
    packed = zlib.compress(zlib.compress(b" " * (4 << 20)))
    head = b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(packed), b"/FlateDecode" * 1_000, packed)
    return hostile.raw_pdf([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>", head,
    ])  # fmt: skip


def gif_in_front_of_a_zip() -> bytes:
    """A picture to some, a document to others."""
    return b"GIF89a" + bytes(20) + samples.word()


def word_with_a_way_up() -> bytes:
    """Members whose names leave the directory."""
    return hostile.with_member(samples.word(), "../../../../etc/cron.d/x", lambda _old: b"* * * * * root id")


def epub_with_a_way_up() -> bytes:
    """A chapter that lies outside."""
    return hostile.with_member(
        samples.epub(), "OEBPS/content.opf", lambda xml: xml.replace(b"one.xhtml", b"../../../etc/passwd")
    )


def word_that_looks_outside() -> bytes:
    """A relation to an address inside, which nobody may follow."""
    relation = (
        b'<Relationship Id="rId99" TargetMode="External" Target="http://169.254.169.254/"'
        b' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/>'
    )
    return hostile.with_member(
        samples.word(), "word/_rels/document.xml.rels",
        lambda xml: xml.replace(b"</Relationships>", relation + b"</Relationships>"),
    )  # fmt: skip


def mail_of_headers() -> bytes:
    """An e-mail whose one header takes 200,000 lines."""
    return b"From: a@b.example\r\nSubject: x" + b"\r\n =?utf-8?q?a?=" * 200_000 + b"\r\n\r\ntext"


def quadratic(*units: str) -> bytes:
    """Markdown that slow parsers read in the square of its length."""
    return "\n\n".join(unit * 4_000 for unit in units).encode()


WORD, SHEET = samples.word(), samples.workbook()
BOMB = hostile.zip_bomb

FILES = [
    # names and types
    Sent("a program", "a.exe", of(b"MZ\x90\0"), "unsupported type 'exe'"),
    Sent("a program named as text", "a.txt", of(b"\x7fELF\x02\x01\x01" + bytes(99)), "is a program"),
    Sent("a name whose end is turned round", "a\u202etxt.exe", of(b"x"), "unsupported type 'exe'"),
    Sent("a name with two ends", "a.pdf.txt", of(samples.pdf()), "named as txt but its content is pdf"),
    Sent("a name of 5,000 characters", "a" * 5_000 + ".md", of(b"words"), "", 200),
    Sent("a name that is a path", "../../etc/passwd.md", of(b"words"), "", 200),
    Sent("a name that is a number", 7, of(b"words"), "", 200),
    Sent("a picture in front of a document", "a.docx", gif_in_front_of_a_zip, ""),
    Sent("a vector picture", "a.svg", of(b"<svg onload='x'/>"), "", 200),
    Sent("a packed file", "a.gz", of(b"\x1f\x8b\x08" + bytes(99)), "is an archive (gz)"),
    # text
    Sent("white space of all kinds", "a.txt", of("\u2003\u3000\u00a0\n".encode() * 999), ""),
    Sent("a character with 100,000 marks", "a.txt", of(("a" + "\u0301" * 100_000).encode()), "", 200),
    Sent("a line of 100,000 characters", "a.md", of(b"x" * 100_000), "", 200),
    Sent("half a UTF-16", "a.txt", of(b"\xff\xfe" + "words".encode("utf-16-le") + b"\x41"), "", 200),
    Sent("quotes in one another", "a.md", of(b"> " * 20_000 + b"x"), "", 200),
    Sent("lists in one another", "a.md", of(b"- " * 20_000 + b"x"), "", 200),
    Sent("brackets that open", "a.md", of(quadratic("[", "![", "[a](")), "", 200),
    Sent("emphasis that opens", "a.md", of(quadratic("*a ", "**a _b ", "a**b")), "", 200),
    Sent("code that opens", "a.md", of("".join("`" * n + " " for n in range(200)).encode() + b"words"), "", 200),
    Sent("tags and entities that open", "a.md", of(quadratic("<a ", "<!--", "&#", "<?")), "", 200),
    Sent("a table of 5,000 columns", "a.md", of(b"|a" * 5_000 + b"\n" + b"|-" * 5_000 + b"\n" + b"|b" * 5_000), "", 200),
    # web pages, tables, mails
    Sent("a page of 200,000 elements in one another", "a.html", of(b"<div>" * 200_000 + b"deepest"), "", 200),
    Sent("a page with an endless attribute", "a.html", of(b"words<a " + b"b=" * 500_000), "", 200),
    Sent("a page that declares entities", "a.html", of(f"{hostile.LAUGHS}<p>&l9;</p>".encode()), "declares XML entities"),
    Sent("a page of 50,000 numbered characters", "a.html", of(b"<p>" + b"&#65;" * 50_000), "", 200),
    Sent("a table of two million columns", "a.csv", of(b"a," * 2_000_000 + b"\n1,2"), "than a document may"),
    Sent("a cell that never ends", "a.csv", of(b'a,b\n"' + b"x,\n" * 5_000), "", 200),
    Sent("JSON of 100,000 levels", "a.json", hostile.deep_json, "256 levels"),
    Sent("JSON with NaN", "a.json", of(b'{"a": NaN}'), "", 200),
    Sent("JSON with a number of 100,000 digits", "a.json", of(b'{"a": ' + b"9" * 100_000 + b"}"), "", 200),
    Sent("a mail of 5,000 parts in one another", "a.eml", partial(hostile.nested_email, 5_000), "200 nested parts"),
    Sent("a mail with a header of 200,000 lines", "a.eml", mail_of_headers, "", 200),
    Sent("RTF of 500,000 groups", "a.rtf", of(b"{\\rtf1 " + b"{" * 500_000 + b"x" + b"}" * 500_001), "", 200),
    Sent("RTF with bytes that are not there", "a.rtf", of(b"{\\rtf1 \\bin999999999 words}"), "", 200),
    Sent("RTF with a number of 1,000 digits", "a.rtf", of(b"{\\rtf1\\u" + b"9" * 1_000 + b" words\\par}"), "", 200),
    # XML
    *(Sent(f"XML {what}", "a.xml", of(f"{head}<a>&l9;</a>".encode()), "declares XML entities")
      for what, head in {"of a thousand million laughs": hostile.LAUGHS, "that reads a file": hostile.OUTSIDE}.items()),
    Sent("XML of 100,000 levels", "a.xml", hostile.deep_xml, "256 levels"),
    Sent("laughs in a document", "a.docx", partial(hostile.with_doctype, hostile.LAUGHS, WORD, "word/document.xml"), "declares XML entities"),
    Sent("a file named in a workbook", "a.xlsx", partial(hostile.with_doctype, hostile.OUTSIDE, SHEET, "xl/workbook.xml"), "declares XML entities"),
    # containers
    *(Sent(f"a bomb as {kind}", f"a.{kind}", partial(BOMB, data, member), "zip bomb")
      for kind, data, member in [("docx", WORD, "word/document.xml"), ("xlsx", SHEET, "xl/worksheets/sheet1.xml"),
                                 ("epub", samples.epub(), "OEBPS/one.xhtml"), ("odt", samples.odt(), "content.xml"),
                                 ("pptx", samples.slides(), "ppt/slides/slide1.xml")]),
    Sent("a bomb that lies about its size", "a.docx", partial(hostile.lying_bomb, WORD, "word/document.xml"), "damaged"),
    Sent("members that overlap", "a.docx", partial(hostile.overlapping, WORD), "overlap"),
    Sent("10,001 members", "a.docx", partial(hostile.many_members, WORD), "10,000 members"),
    Sent("members with a password", "a.xlsx", partial(hostile.encrypted_members, SHEET), "encrypted"),
    Sent("a member whose name leads out", "a.docx", word_with_a_way_up, "", 200),
    Sent("a chapter that lies outside", "a.epub", epub_with_a_way_up, "chapter"),
    Sent("a template at an address inside", "a.docx", word_that_looks_outside, "", 200),
    Sent("a workbook of 17 thousand million cells", "a.xlsx", hostile.sparse_workbook, "", 200),
    Sent("tables in one another", "a.docx", hostile.deep_docx, "256 levels"),
    # PDF
    Sent("a PDF bomb", "a.pdf", partial(hostile.pdf_bomb, 3), "PDF bomb"),
    Sent("a PDF of 100,000 pages", "a.pdf", partial(hostile.pdf_of_pages, 100_000), "100,000 pages"),
    Sent("a PDF that claims two thousand million pages", "a.pdf", partial(pdf_that_claims, 2**31 - 1), ""),
    Sent("a PDF whose pages are their own children", "a.pdf", pdf_in_a_circle, ""),
    Sent("a PDF whose table follows itself", "a.pdf", pdf_whose_tables_follow_each_other, "", 200),
    Sent("a PDF of 100,000 arrays in one another", "a.pdf", pdf_of_arrays, ""),
    Sent("a PDF with 1,000 filters", "a.pdf", pdf_of_filters, ""),
    Sent("a PDF with a password", "a.pdf", hostile.encrypted_pdf, "encrypted"),
    Sent("a PDF without its second half", "a.pdf", of(samples.pdf()[:900]), "damaged"),
]  # fmt: skip

assert all(a.name != b.name for a, b in pairwise(sorted(FILES, key=lambda sent: sent.name)))
