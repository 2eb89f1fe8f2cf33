"""A good file of each type: what a reader would look for is in the markdown."""

from pathlib import Path

import pytest

from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse
from tests.unit.parsers import samples

FOUND = {
    "txt": ["El año pasado: señal, depósito y corazón.\nSecond line."],
    "md": [samples.MARKDOWN],
    "html": [
        "# Returns policy\n",
        "**30 days**",
        "- Keep the receipt\n",
        "| Lamp | 4 EUR |",
        "Devoluciones en España: quince días.",
    ],
    "pdf": [
        "# Returns policy 1\n",
        "quince días para la devolución",
        "| Item | Fee |\n| --- | --- |\n| Lamp | 4 EUR |",
    ],
    "docx": [
        "# Returns policy\n",
        "## Steps\n",
        "quince días",
        "- Keep the receipt\n- Keep the box\n",
        "1. Write to us\n2. Send it back\n",
        "| Lamp \\| shade | 4 EUR |",
        "After the table.",
    ],
    "pptx": [
        "# Returns policy\n",
        "Keep the receipt",
        "quince días",
        "| Lamp | 4 EUR |",
        "Say it slowly: corazón.",
    ],
    "xlsx": [
        "# Fees\n",
        "| Artículo | Fee |",
        "| Lamp \\| shade | 4 EUR |",
        "| Sofa | 49 |",
        "# Países\n",
        "| España | 15.5 |",
    ],
    "doc": ["Returns policy\n\nQuince días."],
    "ppt": ["## Returns policy\n", "## Fees"],
    "xls": ["# Fees\n", "Lamp", "Sofa"],
    "csv": ["| Artículo | Fee |\n| --- | --- |\n| Lamp \\| shade | 4 EUR |\n| Two lines | 5 EUR |\n"],
    "tsv": ["| Artículo | Fee |\n| --- | --- |\n| Lamp \\| shade | 4 EUR |\n| Two lines | 5 EUR |\n"],
    "json": ["company: Casa Alborada\n", "país: España\n", "item: Lamp\n", "euros: 4\n", "open: true\n"],
    "jsonl": ["company: Casa Alborada\n", "país: España\n"],
    "ipynb": ["# Returns policy\nQuince días.\n", "```\n# the fee\nprint(4)\n```\n", "```\n4\n```\n"],
    "xml": ["title: Returns policy\n", "item: Lamp\n", "4 EUR\n", "note: señal\n"],
    "eml": [
        "Devolución del pedido",
        "Nora <nora@alborada.example>",
        "Luis <luis@alborada.example>",
        "02 Nov 2026",
        "El plazo es de quince días.",
        "- factura.pdf",
    ],
    "mht": ["# Returns policy\n", "| Lamp | 4 EUR |", "quince días."],
    "epub": ["# Returns policy\n", "Quince días.", "- Keep the receipt"],
    "rtf": ["Returns policy\n", "El año y la señal.\n", "Second paragraph."],
    "odt": ["# Returns policy\n", "Quince días.", "- Keep the receipt", "| Lamp | 4 EUR |"],
}
TITLES = {
    "html": "Casa Alborada",
    "mht": "Casa Alborada",
    "docx": "Returns of Casa Alborada",
    "eml": "Devolución del pedido",
    "epub": "Casa Alborada",
    "rtf": "Returns",
}
PAGES = {"pdf": 1, "pptx": 2, "xlsx": 2, "ppt": 2, "xls": 1}


def read(directory: Path, data: bytes, name: str | None, limits: Limits | None = None) -> ParsedFile:
    path = directory / "upload"
    path.write_bytes(data)
    return parse(path, name, limits or Limits())


@pytest.mark.parametrize("extension", FOUND)
def test_what_a_file_says_is_in_its_markdown(extension: str, tmp_path: Path) -> None:
    parsed = read(tmp_path, samples.every_type()[extension], f"Policy.{extension.upper()}")
    for text in FOUND[extension]:
        assert text in parsed.markdown
    assert parsed.file_type == extension
    assert parsed.title == TITLES.get(extension)
    assert parsed.pages == PAGES.get(extension)
    assert "var secret" not in parsed.markdown


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ("pdf", "pdf"),
        ("docx", "docx"),
        ("pptx", "pptx"),
        ("doc", "doc"),
        ("ppt", "ppt"),
        ("xls", "xls"),
        ("odt", "odt"),
        ("rtf", "rtf"),
        ("html", "html"),
        ("xml", "xml"),
        ("txt", "md"),
    ],
)
@pytest.mark.parametrize("name", [None, "README"])
def test_without_an_extension_the_content_gives_the_type(
    extension: str, expected: str, name: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(samples.every_type()[extension])
    assert parse(path, name, Limits()).file_type == expected


@pytest.mark.parametrize(("name", "expected"), [("a.markdown", "md"), ("a.htm", "html")])
def test_second_names_of_a_type_are_known(name: str, expected: str, tmp_path: Path) -> None:
    assert read(tmp_path, b"<p>word</p>", name).file_type == expected


@pytest.mark.parametrize(
    ("data", "warned"),
    [
        ("El año: «señal» – 5 €\r\nfin".encode("cp1252"), True),
        ("El año: «señal» – 5 €\rfin".encode("utf-8-sig"), False),
        ("El año: «señal» – 5 €\nfin".encode("utf-16"), False),
        ("El año: \x1b\x07«señal» – 5 €\x0cfin".encode(), False),
    ],
)
@pytest.mark.parametrize("extension", ["txt", "md"])
def test_text_in_any_encoding_is_read_with_its_accents(
    data: bytes, warned: bool, extension: str, tmp_path: Path
) -> None:
    parsed = read(tmp_path, data, f"a.{extension}")
    assert parsed.markdown == "El año: «señal» – 5 €\nfin"
    assert bool(parsed.warnings) is warned


def test_a_csv_with_semicolons_in_cp1252_becomes_a_table(tmp_path: Path) -> None:
    parsed = read(tmp_path, samples.separated(";", "cp1252"), "a.csv")
    assert "| Artículo | Fee |\n" in parsed.markdown


def test_a_csv_row_that_is_wider_than_its_head_loses_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,b\n1,2,3\n", "a.csv").markdown.startswith("| a | b |  |\n| --- | --- | --- |\n")


def test_json_keeps_words_apart_that_its_escapes_would_join(tmp_path: Path) -> None:
    markdown = read(tmp_path, rb'{"a\u00f1o": "se\u00f1al\nnext", "nul": "x\u0000y"}', "a.json").markdown
    assert "año: señal\nnext\n" in markdown
    assert "\0" not in markdown


def test_a_code_fence_in_json_does_not_end_its_block(tmp_path: Path) -> None:
    markdown = read(tmp_path, rb'{"code": "```\n# no heading\n```"}', "a.json").markdown
    assert markdown.startswith("````\n")


def test_text_in_unclosed_paragraphs_is_not_lost(tmp_path: Path) -> None:
    assert read(tmp_path, b"<p>hello world\n" * 1000, "a.html").markdown.count("hello world") == 1000


def test_an_html_page_is_read_in_the_encoding_it_declares(tmp_path: Path) -> None:
    page = '<html><meta charset="windows-1251"><p>Возврат товара</p>'.encode("cp1251")
    assert "Возврат товара" in read(tmp_path, page, "a.html").markdown


def test_an_email_in_html_only_becomes_markdown(tmp_path: Path) -> None:
    message = (
        b"From: a@b.example\nSubject: Hi\nContent-Type: text/html; charset=utf-8\n\n<ul><li>one</li></ul>"
    )
    assert "- one" in read(tmp_path, message, "a.eml").markdown


def test_each_table_of_a_pdf_stands_on_its_page(tmp_path: Path) -> None:
    markdown = read(tmp_path, samples.pdf(3), "a.pdf").markdown
    assert markdown.count("| Lamp | 4 EUR |\n| Sofa | 49 EUR |\n\nParagraph after the table.") == 3
    assert "Lamp 4 EUR" not in markdown


def test_the_example_pdf_has_its_headings_paragraphs_and_table() -> None:
    path = Path(__file__).parents[3] / "examples" / "rental-policy.pdf"
    parsed = parse(path, path.name, Limits())
    assert parsed.pages == 2
    assert parsed.title == "Rental and returns policy"
    assert "## 2. Cancelling before you collect\n" in parsed.markdown
    assert "| 24 to 72 hours before | 4 EUR | 9 EUR | 2 EUR |\n" in parsed.markdown
