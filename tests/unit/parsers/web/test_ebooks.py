"""E-books as programs pack them: every chapter once, in order, by whatever name."""

import random
import tempfile
from pathlib import Path

import pytest

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse
from tests.unit.parsers import hostile, samples
from tests.unit.parsers.made.books import book, item, one_chapter, package, page


def read(data: bytes) -> ParsedFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data)
        return parse(path, "a.epub", Limits())


WORDS = "Words of the chapter."
TEXT = page(f"<p>{WORDS}</p>")
PLAIN_ITEM = item("a", "a.xhtml")
ENCRYPTED = b'<encryption xmlns:enc="x"><enc:EncryptedData><enc:CipherReference URI="%s"/></enc:EncryptedData></encryption>'

NAMES = {
    "a fragment": one_chapter("a.xhtml#start", "a.xhtml"),
    "xht": one_chapter("a.xht", "a.xht"),
    "xml": one_chapter("a.xml", "a.xml"),
    "no suffix": one_chapter("chapter", "chapter"),
    "percent": one_chapter("cap%C3%ADtulo%201.xhtml", "capítulo 1.xhtml"),
    "percent in the name": one_chapter("a%20b.xhtml", "a%20b.xhtml"),
    "accents in pieces": one_chapter("cap%C3%ADtulo.xhtml", "cap\u0069\u0301tulo.xhtml"),
    "another case": one_chapter("A.XHTML", "a.xhtml"),
    "a folder above": one_chapter("../T/a.xhtml", "/T/a.xhtml"),
    "from the root": one_chapter("/O/a.xhtml", "a.xhtml"),
    "back slashes": one_chapter(r"T\a.xhtml", "T/a.xhtml"),
    "a sign for fragments in the name": one_chapter("a%231.xhtml", "a#1.xhtml"),
    "html": book(item("a", "a.html", "text/html"), "a", {"a.html": b"<p>Words of the chapter."}),
    "no media type": book('<item id="a" href="a.xhtml"/>', "a", {"a.xhtml": TEXT}),
    "another media type": book(item("a", "a.xhtml", "application/octet-stream"), "a", {"a.xhtml": TEXT}),
    "a fallback": book(
        item("x", "x.pdf", "application/pdf", 'fallback="a"') + PLAIN_ITEM,
        "x",
        {"a.xhtml": TEXT, "x.pdf": b"%PDF"},
    ),
    "svg": book(
        item("a", "a.svg", "image/svg+xml"), "a", {"a.svg": b"<svg><text>Words of the chapter.</text></svg>"}
    ),
    "no order": book(PLAIN_ITEM, " ", {"a.xhtml": TEXT}),
    "aside": book(PLAIN_ITEM, '<itemref idref="a" linear="no"/>', {"a.xhtml": TEXT}),
    "package at the root": book(item("a", "O/a.xhtml"), "a", {"a.xhtml": TEXT}, path="c.opf"),
    "a title that ends itself": book(
        PLAIN_ITEM,
        "a",
        {
            "a.xhtml": page("<script/><p><a id='x'/>Words of the chapter.</p>").replace(
                b"<title></title>", b"<title/>"
            )
        },
    ),
    "CDATA": one_chapter("a.xhtml", "a.xhtml", "<p><![CDATA[Words of]]> the chapter.</p>"),
    "UTF-16": book(PLAIN_ITEM, "a", {"a.xhtml": TEXT.decode().encode("utf-16")}),
    "encrypted fonts": book(
        PLAIN_ITEM, "a", {"a.xhtml": TEXT, "/META-INF/encryption.xml": ENCRYPTED % b"O/f.otf"}
    ),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_chapter_is_found_by_whatever_name(case: str) -> None:
    parsed = read(NAMES[case])
    assert parsed.markdown == WORDS + "\n"
    assert parsed.title == "The book"
    assert parsed.warnings == ()


def test_chapters_come_once_in_reading_order_each_as_a_place() -> None:
    items = (
        item("two", "2.xhtml") + item("one", "1.xhtml") + item("nav", "nav.xhtml", more='properties="nav"')
    )
    members = {
        "1.xhtml": page("<h1>One</h1>", "First"),
        "2.xhtml": page("<h1>Two</h1>"),
        "nav.xhtml": page("<nav>One</nav>"),
    }
    parsed = read(book(items, "one two one", members))
    assert parsed.markdown == "# One\n\n# Two\n"
    assert [
        (place.number, place.name, parsed.markdown[place.start :].strip()[:5]) for place in parsed.places
    ] == [
        (1, "First", "# One"),
        (2, "", "# Two"),
    ]


def test_a_missing_chapter_is_told_by_name() -> None:
    parsed = read(book(PLAIN_ITEM + item("b", "lost.xhtml"), "a b", {"a.xhtml": TEXT}))
    assert parsed.markdown == WORDS + "\n"
    assert parsed.warnings == ("The chapter 'lost.xhtml' is missing from the file.",)


def test_a_chapter_of_another_kind_is_told_by_name() -> None:
    parsed = read(
        book(PLAIN_ITEM + item("b", "b.pdf", "application/pdf"), "a b", {"a.xhtml": TEXT, "b.pdf": b""})
    )
    assert parsed.warnings == ("'b.pdf' is not a page (application/pdf) and is left out.",)


NOTES = """<p>See<a epub:type="noteref" href="#n1">1</a> and<a epub:type="noteref" href="#n2">*</a>.</p><p>After.</p>
<aside epub:type="footnote" id="n1"><p>First note.</p></aside><aside epub:type="footnote" id="n2">Second note.</aside>"""


def test_notes_stand_at_their_marks_and_are_counted_through_the_book() -> None:
    items = PLAIN_ITEM + item("b", "b.xhtml")
    parsed = read(book(items, "a b", {"a.xhtml": page(NOTES), "b.xhtml": page(NOTES)}))
    first = "See[^1] and[^2].\n\n[^1]: First note.\n\n[^2]: Second note.\n\nAfter.\n"
    assert parsed.markdown == first + "\n" + first.replace("[^2]", "[^4]").replace("[^1]", "[^3]")


def test_images_show_their_texts_and_are_counted_without() -> None:
    parsed = read(
        one_chapter(
            "a.xhtml",
            "a.xhtml",
            '<p><img src="a.png" alt="A lamp"/></p><img src="b.png"/><svg><image href="c"/></svg>',
        )
    )
    assert parsed.markdown == "A lamp\n"
    assert parsed.warnings == ("2 images have no readable text: text recognition (OCR) is not available.",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            book(PLAIN_ITEM, "a", {"a.xht": TEXT, "/META-INF/encryption.xml": ENCRYPTED % b"O/a.xhtml"}),
            "is encrypted",
        ),
        (
            book(item("a", "a"), "a", {"a": TEXT, "/META-INF/encryption.xml": ENCRYPTED % b"O/a"}),
            "is encrypted",
        ),
        (book(PLAIN_ITEM, "a", {}), "is damaged: the chapters of the epub are missing"),
        (book(PLAIN_ITEM, "a", {"a.xhtml": page("")}), "has no text"),
        (
            hostile.with_member(one_chapter("a", "a"), "O/c.opf", lambda _old: b"<package>"),
            "is damaged: its XML",
        ),
    ],
    ids=range(5),
)
def test_a_book_that_cannot_be_read_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InputRejected, match=reason):
        read(data)


def test_a_package_that_the_container_does_not_name_is_found() -> None:
    data = hostile.with_member(
        one_chapter("a.xhtml", "a.xhtml"), "META-INF/container.xml", lambda _old: b"<container/>"
    )
    assert read(data).markdown == WORDS + "\n"


def test_a_mutated_book_is_read_or_refused() -> None:
    seeds = random.Random(28)
    members = hostile.members(
        book(PLAIN_ITEM + item("b", "b.xhtml"), "a b", {"a.xhtml": page(NOTES), "b.xhtml": TEXT})
    )
    packed = package(PLAIN_ITEM, "a")
    for _ in range(300):
        name = seeds.choice(list(members))
        data = bytearray(members[name] or packed)
        for _ in range(seeds.randint(1, 6)):
            at = seeds.randrange(len(data))
            if seeds.random() < 0.5:
                data[at] = seeds.randrange(256)
            else:
                del data[at : at + seeds.randint(1, 30)]
            data = data or bytearray(b"x")
        changed = {k: v for k, v in members.items() if k != name} | (
            {name: bytes(data)} if seeds.random() < 0.9 else {}
        )
        try:
            said = read(samples.archive(changed)).markdown
        except InputRejected as refusal:
            said = str(refusal)
        assert said.strip()
