"""Which type a file is taken for, and what is said of one that is not read."""

import re
from pathlib import Path

import pytest

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse
from tests.unit.parsers import hostile, samples
from tests.unit.parsers.made import sheets as made

CODE = """log yaml yml toml ini cfg conf properties env py js ts tsx java c h cpp hpp cs go rs rb php sh ps1 bat sql css
    scss vue kt swift r pl lua scala tf proto graphql diff patch dockerfile""".split()  # noqa: SIM905
PROSE = ["rst", "adoc", "org", "tex", "srt", "vtt", "ics", "vcf", "text"]
BASES = {
    "docx": ["docm", "dotx", "dotm"],
    "pptx": ["pptm", "potx", "potm", "ppsx", "ppsm"],
    "xlsx": ["xlsm", "xltx", "xltm"],
    "html": ["htm", "xhtml", "xht"],
    "xml": ["rss", "svg", "kml", "xsd"],
}
IMAGES = {
    "png": b"\x89PNG\r\n\x1a\n" + bytes(9),
    "jpeg": b"\xff\xd8\xff\xe0" + bytes(9),
    "gif": b"GIF89a" + bytes(9),
    "tiff": b"II*\x00" + bytes(9),
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(9),
    "bmp": b"BM\x46\x00\x00\x00" + bytes(4) + b"\x36\x00\x00\x00\x28\x00\x00\x00" + bytes(40),
    "heic": b"\x00\x00\x00\x18ftypheic" + bytes(9),
}
ARCHIVES = {
    "zip": samples.archive({"a.txt": b"x", "b.pdf": b"y"}),
    "gz": b"\x1f\x8b\x08" + bytes(9),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(9),
    "rar": b"Rar!\x1a\x07\x00" + bytes(9),
    "bz2": b"BZh91AY&SY" + bytes(9),
    "tar": b"a.txt" + bytes(252) + b"ustar\x00" + bytes(249),
}
GOOD = samples.every_type()


def read(directory: Path, data: bytes, name: str | None) -> ParsedFile:
    path = directory / "upload"
    path.write_bytes(data)
    return parse(path, name, Limits())


def refusal(directory: Path, data: bytes, name: str | None) -> str:
    with pytest.raises(InputRejected) as refused:
        read(directory, data, name)
    return str(refused.value)


@pytest.mark.parametrize("extension", CODE)
def test_code_and_settings_are_read_as_a_block_of_code(extension: str, tmp_path: Path) -> None:
    parsed = read(tmp_path, b"# a note\nkey = 'a b'\n\n```\n", f"Main.{extension.upper()}")
    assert (parsed.file_type, parsed.media_type) == (extension, "text/plain")
    assert parsed.markdown == "````\n# a note\nkey = 'a b'\n\n```\n````\n"


@pytest.mark.parametrize("extension", PROSE)
def test_other_text_is_read_as_it_is(extension: str, tmp_path: Path) -> None:
    assert read(tmp_path, b"Title\n=====\n\ntext\n", f"a.{extension}").markdown == "Title\n=====\n\ntext\n"


@pytest.mark.parametrize(
    "name",
    [
        "Release 1.2",
        "v2.0",
        "report.final",
        "notes 3.11.2026",
        "a.b.c.d",
        "Dr. Smith",
        "README",
        "example.com",
        ".",
    ],
)
def test_a_name_that_ends_like_an_extension_is_read_by_its_content(name: str, tmp_path: Path) -> None:
    parsed = read(tmp_path, b"# Title\n\nSome words of text.", name)
    assert (parsed.file_type, parsed.markdown) == ("md", "# Title\n\nSome words of text.")
    assert read(tmp_path, GOOD["pdf"], name).file_type == "pdf"
    assert read(tmp_path, GOOD["docx"], name).file_type == "docx"


@pytest.mark.parametrize(
    ("base", "other"), [(base, other) for base, others in BASES.items() for other in others]
)
def test_other_names_of_a_type_are_read_as_the_type(base: str, other: str, tmp_path: Path) -> None:
    assert read(tmp_path, GOOD[base], f"a.{other}").file_type == base


@pytest.mark.parametrize("kind", IMAGES)
@pytest.mark.parametrize("name", ["photo", "photo.{}", "photo 1.2"])
def test_an_image_is_refused_since_text_recognition_is_not_there(
    kind: str, name: str, tmp_path: Path
) -> None:
    name = name.format(kind)
    message = refusal(tmp_path, IMAGES[kind], name)
    assert re.match(
        rf"'{re.escape(name)}' is an? (image \({kind}\)|{kind} image): text recognition \(OCR\) is not available",
        message,
    )


@pytest.mark.parametrize("kind", ARCHIVES)
@pytest.mark.parametrize("name", ["files", "files.{}"])
def test_an_archive_is_refused_with_what_to_do(kind: str, name: str, tmp_path: Path) -> None:
    message = refusal(tmp_path, ARCHIVES[kind], name.format(kind))
    assert "archive" in message
    assert "send its files one by one" in message


@pytest.mark.parametrize("name", ["a.xyz", "a.bin", "a.exe", "a.mp4", "a.dat"])
def test_a_binary_of_another_type_is_refused_with_what_is_supported(name: str, tmp_path: Path) -> None:
    message = refusal(tmp_path, bytes(range(256)) * 4, name)
    assert (
        f"'{name}' has the unsupported type '{name[2:]}'; supported are txt, md, html, pdf, docx" in message
    )


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (GOOD["pdf"], "a.log", "named as log but its content is pdf"),
        (IMAGES["png"], "a.py", "named as py but its content is a png image"),
        (b"a\0b", "a.yaml", "contains NUL bytes"),
        (bytes(range(1, 9)) * 9, "a", "contains NUL bytes or other control characters, so it is not text"),
        (GOOD["html"], "a.docx", "named as docx but its content is html"),
        (b"words", "a.docx", "named as docx but its content is plain text"),
    ],
)
def test_a_name_that_its_content_belies_is_refused(
    data: bytes, name: str, reason: str, tmp_path: Path
) -> None:
    assert reason in refusal(tmp_path, data, name)


@pytest.mark.parametrize(
    ("extension", "declared"),
    [
        ("docx", "application/vnd.ms-word.document.macroEnabled.main+xml"),
        ("docx", "application/vnd.ms-word.template.macroEnabledTemplate.main+xml"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"),
        ("pptx", "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"),
        ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml"),
        ("xlsx", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml"),
    ],
)
def test_macro_files_and_templates_are_known_by_their_content(
    extension: str, declared: str, tmp_path: Path
) -> None:
    part = {"docx": "word/document.xml", "pptx": "ppt/presentation.xml", "xlsx": "xl/workbook.xml"}[extension]
    types = f'<Types><Override PartName="/{part}" ContentType="{declared}"/></Types>'
    data = hostile.with_member(GOOD[extension], "[Content_Types].xml", lambda _old: types.encode())
    assert read(tmp_path, data, None).file_type == extension


@pytest.mark.parametrize("name", ["a.xlsb", "a.xlsx", None])
def test_a_binary_workbook_is_to_be_saved_as_xlsx(name: str | None, tmp_path: Path) -> None:
    parts = hostile.members(made.sheet(["a"]))
    main = parts.pop("xl/workbook.xml")
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"workbook.xml", b"workbook.bin")
    data = samples.archive({**parts, "xl/workbook.bin": main})
    assert "is a binary workbook (xlsb), which is not read: save it as xlsx." in refusal(tmp_path, data, name)
