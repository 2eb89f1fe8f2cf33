"""Hostile and broken files: each gets one sentence that says what is wrong, soon and in little memory."""

import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lethe.domain.errors import InputRejected
from lethe.domain.file_types import MEDIA_TYPES
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse
from tests.unit.parsers import hostile, samples

GOOD = samples.every_type()
WORD, SHEETS = GOOD["docx"], GOOD["xlsx"]
SECONDS = 60.0
MEMORY = 1024  # MiB

Build = Callable[[], bytes]


def changed(builder: Callable[..., bytes], *arguments: object) -> Build:
    return partial(builder, *arguments)


def good(data: bytes) -> Build:
    return lambda: data


REJECTED: list[tuple[str | None, Build, str]] = [
    # names and types
    ("a.exe", good(b"x"), "unsupported type 'exe'; supported are txt, md, html"),
    ("a.pdf", good(WORD), "named as pdf but its content is docx"),
    ("a.docx", good(SHEETS), "named as docx but its content is xlsx"),
    ("a.docx", good(samples.archive({"a.txt": b"x"})), "named as docx but its content is a zip archive"),
    ("a.pdf", good(b"\x89PNG\r\n\x1a\n" + bytes(9)), "named as pdf but its content is a png image"),
    ("a.txt", good(GOOD["pdf"]), "named as txt but its content is pdf"),
    ("a.rtf", good(b"hello"), "named as rtf but its content is plain text"),
    ("a.eml", good(b"hello\nworld"), "not an e-mail"),
    (None, good(b"\x1f\x8b\x08" + bytes(9)), "The document is a gzip archive"),
    ("a.txt", good(b"a\0b"), "contains NUL bytes"),
    ("a.txt", good(b"A text of one line with a NUL,\0 and of an even length."), "contains NUL bytes"),
    ("a.txt", good("Одна строка с NUL,\0 чётной длины".encode()), "contains NUL bytes"),
    ("a.md", good(b"x" * 70_000 + b"\0"), "contains NUL bytes"),
    ("a.md", good(b"a line\n" * 300 + b"\0" + b"a line\n" * 300), "contains NUL bytes"),
    ("a.doc.docx", good(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)), "old Office file"),
    # emptiness
    ("a.txt", good(b""), "is empty"),
    ("a.pdf", good(b""), "is empty"),
    ("a.md", good(b" \r\n\t" * 50_000), "is empty"),
    ("a.html", good(b"<html><script>x</script></html>"), "has no text"),
    ("a.epub", good(samples.epub(b"<html><body></body></html>")), "has no text"),
    ("a.odt", good(samples.odt(samples.ODT_CONTENT.split("<text:h")[0] + "</office:text></office:body>"
                               "</office:document-content>")), "has no text"),
    ("a.pdf", hostile.scanned_pdf, "probably is scanned"),
    # encryption
    ("a.pdf", hostile.encrypted_pdf, "is encrypted"),
    ("a.docx", hostile.encrypted_office, "is encrypted"),
    ("a.xlsx", changed(hostile.encrypted_members, SHEETS), "is encrypted"),
    ("a.odt", hostile.encrypted_odt, "is encrypted"),
    # bombs
    ("a.pdf", changed(hostile.pdf_of_pages, 100_000), "has 100,000 pages, which is over the limit of 5,000"),
    ("a.pdf", changed(hostile.pdf_bomb, 1), "is a PDF bomb"),
    ("a.pdf", changed(hostile.pdf_bomb, 3), "is a PDF bomb"),
    ("a.docx", changed(hostile.zip_bomb, WORD, "word/media/a.png"), "more than 200 times its size"),
    ("a.xlsx", changed(hostile.zip_bomb, SHEETS, "xl/worksheets/sheet1.xml"), "is a zip bomb"),
    ("a.epub", changed(hostile.zip_bomb, GOOD["epub"], "OEBPS/one.xhtml"), "is a zip bomb"),
    ("a.odt", changed(hostile.zip_bomb, GOOD["odt"], "content.xml"), "is a zip bomb"),
    ("a.docx", changed(hostile.lying_bomb, WORD, "word/document.xml"), "is damaged"),
    ("a.docx", changed(hostile.overlapping, WORD), "overlap"),
    ("a.docx", changed(hostile.many_members, WORD), "more than 10,000 members"),
    # XML
    ("a.xml", good(f"{hostile.LAUGHS}<a>&l9;</a>".encode()), "declares XML entities"),
    ("a.xml", good(f"{hostile.QUADRATIC}<a>{'&l;' * 50_000}</a>".encode()), "declares XML entities"),
    ("a.xml", good(f"{hostile.OUTSIDE}<a>&l9;</a>".encode()), "declares XML entities"),
    ("a.xml", good(f"{hostile.OUTSIDE}<a>&l9;</a>".encode("utf-16")), "declares XML entities"),
    ("a.html", good(f"{hostile.LAUGHS}<p>&l9;</p>".encode()), "declares XML entities"),
    ("a.docx", changed(hostile.with_doctype, hostile.LAUGHS, WORD, "word/document.xml"), "declares XML entities"),
    ("a.xlsx", changed(hostile.with_doctype, hostile.OUTSIDE, SHEETS, "xl/workbook.xml"), "declares XML entities"),
    ("a.odt", changed(hostile.with_doctype, hostile.OUTSIDE, GOOD["odt"], "content.xml"), "declares XML entities"),
    ("a.epub", good(samples.epub(f"{hostile.OUTSIDE}<p>&l9;</p>".encode())), "declares XML entities"),
    # depth and width
    ("a.json", hostile.deep_json, "nested more than 256 levels deep"),
    ("a.json", hostile.wide_json, "more than 5,000,000 values"),
    ("a.xml", hostile.deep_xml, "nested more than 256 levels deep"),
    ("a.odt", hostile.deep_odt, "nested more than 256 levels deep"),
    ("a.docx", hostile.deep_docx, "nested more than 256 levels deep"),
    ("a.eml", changed(hostile.nested_email, 5000), "more than 200 nested parts"),
]  # fmt: skip
CUT = ["pdf", "docx", "pptx", "xlsx", "odt", "epub", "rtf", "json", "xml"]

TAKEN: list[tuple[str, Build, str]] = [
    ("a.txt", lambda: b"palabra " * (50 << 17), "palabra palabra"),
    ("a.html", lambda: b"<div>" * 100_000 + b"deepest", "deepest"),
    ("a.html", lambda: b"<table><tr><td>" * 20_000 + b"deepest", "deepest"),
    ("a.html", lambda: b"<ul><li>x " * 20_000 + b"deepest", "deepest"),
    ("a.html", lambda: b"first" + b"<!--" * 200_000, "first"),
    ("a.html", lambda: b'first<a b="' * 100_000, "first"),
    ("a.html", lambda: b"first" + b"<svg>" * 100_000, "first"),
    (
        "a.html",
        lambda: b'<svg><image href="file:///etc/passwd"/></svg><img src="/etc/passwd" alt="lamp">',
        "lamp",
    ),
    ("a.xlsx", hostile.sparse_workbook, "987654"),
    ("a.rtf", lambda: b"{\\rtf1 " + b"{" * 500_000 + b"x" + b"}" * 500_001, "x"),
]


def bounded(directory: Path, name: str | None, build: Build, limits: Limits | None = None) -> ParsedFile:
    """Parses, and fails for taking too long or too much memory (the peak of the process is all there is)."""
    path = directory / "upload"
    path.write_bytes(build())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    try:
        return parse(path, name, limits or Limits())
    finally:
        assert time.process_time() - start < SECONDS
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < MEMORY * 1024


@pytest.mark.parametrize(
    ("name", "build", "reason"), REJECTED, ids=[f"{row[0]}-{row[2]}" for row in REJECTED]
)
def test_a_bad_file_is_refused_with_a_sentence_that_names_it(
    name: str | None, build: Build, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(InputRejected) as refusal:
        bounded(tmp_path, name, build)
    message = str(refusal.value)
    assert reason in message
    assert message.startswith(f"'{name}' " if name else "The document ")
    assert str(tmp_path) not in message


@pytest.mark.parametrize("share", [0.3, 0.9])
@pytest.mark.parametrize("extension", CUT)
def test_a_file_that_was_cut_is_refused(extension: str, share: float, tmp_path: Path) -> None:
    data = GOOD[extension]
    with pytest.raises(InputRejected, match="is damaged"):
        bounded(tmp_path, f"a.{extension}", good(data[: int(len(data) * share)]))


@pytest.mark.parametrize(("name", "build", "text"), TAKEN, ids=[str(number) for number in range(len(TAKEN))])
def test_an_odd_but_harmless_file_is_read(name: str, build: Build, text: str, tmp_path: Path) -> None:
    assert text in bounded(tmp_path, name, build).markdown


@pytest.mark.parametrize(
    ("limits", "extension", "reason"),
    [
        (Limits(file_bytes=20), "txt", "over the limit of 20"),
        (Limits(unpacked_bytes=10_000), "docx", "unpacks to more than 10,000 bytes"),
        (Limits(unpacked_bytes=100), "pdf", "unpacks to more than 100 bytes"),
        (Limits(pages=2), "pdf", "has 3 pages, which is over the limit of 2"),
        (Limits(pages=1), "pptx", "more pages than the limit of 1"),
        (Limits(pages=1), "xlsx", "more pages than the limit of 1"),
        (Limits(pages=1), "ppt", "more pages than the limit of 1"),
        *[
            (Limits(text_characters=5), extension, "more text than the limit of 5 characters")
            for extension in GOOD
        ],
    ],
)
def test_a_file_over_a_limit_is_refused(limits: Limits, extension: str, reason: str, tmp_path: Path) -> None:
    data = samples.pdf(3) if extension == "pdf" else GOOD[extension]
    with pytest.raises(InputRejected, match=reason):
        bounded(tmp_path, f"a.{extension}", good(data), limits)


def test_a_name_is_never_taken_for_a_path(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    parsed = bounded(tmp_path, str(tmp_path / "secret.txt"), good(b"harmless"))
    assert parsed.markdown == "harmless"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    extension=st.sampled_from(sorted(MEDIA_TYPES)),
    noise=st.binary(min_size=1, max_size=300),
    cut=st.floats(0, 1),
    whole=st.booleans(),
)
def test_noise_under_any_extension_is_read_or_refused(
    extension: str, noise: bytes, cut: float, whole: bool
) -> None:
    sample = GOOD[extension]
    at = int(len(sample) * cut)
    data = noise if whole else sample[:at] + noise + sample[at + len(noise) :]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "upload"
        path.write_bytes(data)
        outcome = markdown_or_refusal(path, f"a.{extension}")
    assert outcome.startswith(f"'a.{extension}' ") or outcome.strip()
    assert not set(outcome) & {chr(code) for code in range(32) if code not in (9, 10)}


def markdown_or_refusal(path: Path, name: str) -> str:
    try:
        return parse(path, name, Limits()).markdown
    except InputRejected as refusal:
        return str(refusal)
