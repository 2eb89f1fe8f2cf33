"""The old formats of Office (doc, ppt, xls): they are known by their content, read, or refused with a reason."""

import struct
from pathlib import Path

import pytest

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile, Place
from lethe.parsers import parse
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.old_office.blocks import BlockWriter
from lethe.parsers.source import Source
from tests.unit.parsers.made import old_office
from tests.unit.parsers.made.spoilt import survives

_ENCRYPTED_USER = struct.pack("<I", 0xF3D1C4DF)


def read(directory: Path, data: bytes, name: str | None, limits: Limits | None = None) -> ParsedFile:
    (directory / "upload").write_bytes(data)
    return parse(directory / "upload", name, limits or Limits())


def encrypted_word() -> bytes:
    """A doc whose head says that it is encrypted."""
    data = old_office.word()
    at = data.index(b"\xec\xa5") + 11
    return data[:at] + bytes([data[at] | 1]) + data[at + 1 :]


@pytest.mark.parametrize("name", ["a.doc", "a.dot", None])
def test_a_doc_is_read(name: str | None, tmp_path: Path) -> None:
    parsed = read(tmp_path, old_office.word("AT&T, señal.\rSecond paragraph.\r"), name)
    assert parsed.file_type == "doc"
    assert parsed.markdown == "AT&T, señal.\n\nSecond paragraph.\n"


def test_each_slide_of_a_ppt_is_a_place(tmp_path: Path) -> None:
    parsed = read(tmp_path, old_office.slides(), "a.ppt")
    assert parsed.markdown == "## Title of the first slide\n\n## Title of the second\n"
    assert parsed.places == (Place(0, 1, ""), Place(28, 2, ""))
    assert parsed.pages == 2


def test_an_object_of_another_program_on_a_slide_is_reported(tmp_path: Path) -> None:
    left_out = LeftOut()
    writer = Writer(Source(tmp_path / "upload", "a.ppt", Limits()))
    BlockWriter(writer, left_out).write([{"type": "image", "alt_text": "Embedded OLE object"}])
    assert writer.reading().markdown == ""
    assert left_out.sentences() == ["1 embedded object is left out."]


def test_an_xls_is_read(tmp_path: Path) -> None:
    markdown = read(tmp_path, old_office.workbook(), "a.xls").markdown
    assert "# Fees\n" in markdown
    assert "Lamp" in markdown
    assert "Sofa" in markdown


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (encrypted_word(), "a.doc", "is encrypted: save it without a password"),
        (
            old_office.slides().replace(struct.pack("<I", 0xE391C05F), _ENCRYPTED_USER),
            "a.ppt",
            "is encrypted",
        ),
        (old_office.container({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "a.docx", "is encrypted"),
        (old_office.word(), "a.docx", "is named as docx but its content is doc"),
        (
            old_office.container({"__properties_version1.0": b"x"}),
            None,
            "an Outlook message (msg); save it as eml",
        ),
        (old_office.container({"Contents": b"x"}), "a.doc", "save it as docx, xlsx or pptx"),
        (old_office.word()[:3000], "a.doc", "save it as docx, xlsx or pptx"),
        (old_office.container({"WordDocument": b"x"}), "a.doc", "is damaged"),
        (b"hello", "a.doc", "is named as doc but its content is plain text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(
    data: bytes, name: str | None, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(InputRejected) as refusal:
        read(tmp_path, data, name)
    assert reason in str(refusal.value)


@pytest.mark.parametrize("extension", ["ppt", "xls"])
def test_more_slides_or_sheets_than_the_limit_are_refused(extension: str, tmp_path: Path) -> None:
    data = {"ppt": old_office.slides(), "xls": old_office.workbook()}[extension]
    with pytest.raises(InputRejected, match="more pages than the limit of 0"):
        read(tmp_path, data, f"a.{extension}", Limits(pages=0))


@pytest.mark.parametrize("extension", ["doc", "ppt"])
def test_spoilt_files_are_read_or_refused(extension: str, tmp_path: Path) -> None:
    good = {"doc": old_office.word(), "ppt": old_office.slides()}[extension]
    survives(tmp_path, [good], f"a.{extension}", times=120)
