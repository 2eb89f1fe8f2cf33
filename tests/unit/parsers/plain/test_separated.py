"""Separated values: the columns that a person sees, whatever separates them."""

import csv
import io
import random
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.parsers import parse
from lethe.parsers.plain.separated_rows import find_dialect, rows

TABLES = {
    "commas": ("a,b,c\n1,2,3\n", "| a | b | c |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n"),
    "a head with the other sign in quotes": (
        '"Name, first";"Amount"\n"Doe, Jane";10\n',
        "| Name, first | Amount |\n| --- | --- |\n| Doe, Jane | 10 |\n",
    ),
    "a head with the other sign, and decimal commas": (
        "Fecha;Importe (EUR, con IVA)\n2024-05-01;12,50\n",
        "| Fecha | Importe (EUR, con IVA) |\n| --- | --- |\n| 2024-05-01 | 12,50 |\n",
    ),
    "decimal commas in each column": ("12,5;13,5\n1,5;2,5\n", "| 12,5 | 13,5 |\n| --- | --- |\n| 1,5 | 2,5 |\n"),
    "a title above the head": (
        "Quarterly report\nName;Amount\nJane;10\n",
        "Quarterly report\n\n| Name | Amount |\n| --- | --- |\n| Jane | 10 |\n",
    ),
    "titles with commas": (
        "Report, May 2024\nMade by: Jane, Bob\n\nName;Amount;Note\nJane;10;a, b\nBob;12;c\n",
        "Report, May 2024\n\nMade by: Jane, Bob\n\n| Name | Amount | Note |\n| --- | --- | --- |\n"
        "| Jane | 10 | a, b |\n| Bob | 12 | c |\n",
    ),
    "a title in the first of all columns": (
        "Report;;\nName;Amount;Note\nJane;10;x\n",
        "Report\n\n| Name | Amount | Note |\n| --- | --- | --- |\n| Jane | 10 | x |\n",
    ),
    "sep=": ("sep=;\nName;Amount\nJane;10\n", "| Name | Amount |\n| --- | --- |\n| Jane | 10 |\n"),
    "sep= in quotes": ('"sep=|"\nName|A,B\nJane|10,5\n', "| Name | A,B |\n| --- | --- |\n| Jane | 10,5 |\n"),
    "tabs": ("Name\tAmount\nDoe, Jane\t10\n", "| Name | Amount |\n| --- | --- |\n| Doe, Jane | 10 |\n"),
    "pipes": ("a|b\nc|d\n", "| a | b |\n| --- | --- |\n| c | d |\n"),
    "colons": ("root:x:0\nbin:x:2\n", "| root | x | 0 |\n| --- | --- | --- |\n| bin | x | 2 |\n"),
    "times": ("start,end\n12:30,13:30\n", "| start | end |\n| --- | --- |\n| 12:30 | 13:30 |\n"),
    "carets": ("a^b\n1^2\n", "| a | b |\n| --- | --- |\n| 1 | 2 |\n"),
    "semicolons within fields": (
        "id,tags\n1,a;b;c\n2,d;e;f\n",
        "| id | tags |\n| --- | --- |\n| 1 | a;b;c |\n| 2 | d;e;f |\n",
    ),
    "sentences with commas": (
        "id;text\n1;Hello, my friend, how are you\n2;Well, thanks\n",
        "| id | text |\n| --- | --- |\n| 1 | Hello, my friend, how are you |\n| 2 | Well, thanks |\n",
    ),
    "lines and delimiters within quotes": (
        'id,text\n1,"two\nlines, here"\n2,one\n',
        "| id | text |\n| --- | --- |\n| 1 | two lines, here |\n| 2 | one |\n",
    ),
    "doubled quotes": ('id,t\n1,"say ""hi"", ok"\n', '| id | t |\n| --- | --- |\n| 1 | say "hi", ok |\n'),
    "quotes with a backslash": ('id,t\n1,"say \\"hi\\", ok"\n', '| id | t |\n| --- | --- |\n| 1 | say "hi", ok |\n'),
    "a backslash before the last quote": ('p,q\n"C:\\x\\",1\n', "| p | q |\n| --- | --- |\n| C:\\x\\ | 1 |\n"),
    "single quotes": (
        "'Name, first','Amount'\n'Doe, Jane','10'\n",
        "| Name, first | Amount |\n| --- | --- |\n| Doe, Jane | 10 |\n",
    ),
    "apostrophes": (
        "name,note\nO'Brien,it's ok\n'tis,don't\n",
        "| name | note |\n| --- | --- |\n| O'Brien | it's ok |\n| 'tis | don't |\n",
    ),
    "a quote without its partner": (
        'id,text\n1,"broken\n2,fine\n3,"good"\n',
        '| id | text |\n| --- | --- |\n| 1 | "broken |\n| 2 | fine |\n| 3 | good |\n',
    ),
    "inches": (
        'item,size\ndisk,5"\nTV,"55"" wide"\n', '| item | size |\n| --- | --- |\n| disk | 5" |\n| TV | 55" wide |\n'),
    "bare quotes within quotes": ('a,b\n1,"a "b" c"\n', '| a | b |\n| --- | --- |\n| 1 | a "b" c |\n'),
    "blanks around quotes": ('a, b\n1 , "x, y" \n', "| a | b |\n| --- | --- |\n| 1 | x, y |\n"),
    "rows of other lengths": (
        "a,b,c\n1,2\n3,4,5,6\n",
        "| a | b | c |  |\n| --- | --- | --- | --- |\n| 1 | 2 |  |  |\n| 3 | 4 | 5 | 6 |\n",
    ),
    "one column": ("name\nJane\nBob\n", "| name |\n| --- |\n| Jane |\n| Bob |\n"),
    "one column of sentences": (
        "Lorem, ipsum\ndolor sit\namet; elit\nsed\neiusmod\n",
        "| Lorem, ipsum |\n| --- |\n| dolor sit |\n| amet; elit |\n| sed |\n| eiusmod |\n",
    ),
    "a note with a number sign": (
        "# made by x; version 2\nid,name\n1,Jane\n",
        "\\# made by x; version 2\n\n| id | name |\n| --- | --- |\n| 1 | Jane |\n",
    ),
    "empty lines and columns at the sides": (
        "\n\n;;;\n;a;b;\n;1;2;\n;;;\n\n",
        "| a | b |\n| --- | --- |\n| 1 | 2 |\n",
    ),
    "an empty column amid others": ("a;;b\n1;;2\n", "| a |  | b |\n| --- | --- | --- |\n| 1 |  | 2 |\n"),
    "pipes in cells": ("a,b\nx|y,1\n", "| a | b |\n| --- | --- |\n| x\\|y | 1 |\n"),
    "one row": ("a;b\n", "| a | b |\n| --- | --- |\n"),
    "numbers kept as text": (
        'Code;Zip\n="00123";"=""0044"""\n=A1;="5\n',
        '| Code | Zip |\n| --- | --- |\n| 00123 | 0044 |\n| =A1 | ="5 |\n',
    ),
    "no line end": ("a,b\n1,2", "| a | b |\n| --- | --- |\n| 1 | 2 |\n"),
}  # fmt: skip


def read(directory: Path, data: bytes, name: str = "a.csv") -> str:
    path = directory / "upload"
    path.write_bytes(data)
    return parse(path, name, Limits()).markdown


@pytest.mark.parametrize("what", TABLES)
def test_a_table_has_the_columns_that_a_person_sees(what: str, tmp_path: Path) -> None:
    written, shown = TABLES[what]
    assert read(tmp_path, written.encode()) == shown
    assert read(tmp_path, written.replace("\n", "\r\n").encode("utf-8-sig")) == shown


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.tab"])
def test_the_unicode_text_of_a_spreadsheet_is_read(name: str, tmp_path: Path) -> None:
    assert read(tmp_path, "Año\tPaís\n1\tEspaña\n".encode("utf-16"), name).endswith("| 1 | España |\n")


def test_a_tsv_that_has_commas_all_the_same_is_read_by_them(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,b\n1,2\n", "a.tsv").startswith("| a | b |\n")


def test_one_quote_does_not_swallow_a_file(tmp_path: Path) -> None:
    data = b'id,text\n1,"broken\n' + b"2,fine\n" * 50_000 + b'3,"good"\n'
    assert read(tmp_path, data).count("\n") == 50_004


@pytest.mark.parametrize("piece", [b'"a""b,', b'"a"",""x"",\n', b'"', b'"a\n', b'"a,"b\n', b'"""",""', b","])
def test_rows_made_to_be_slow_are_read_in_time(piece: bytes, tmp_path: Path) -> None:
    assert read(tmp_path, b"x,y\n" + piece * 10_000)


CELL = st.text(st.sampled_from(string.ascii_letters + string.digits + " ,;|\"'\n.:äñ"), min_size=1).filter(
    # A quote beside a separator looks like the end of a field: such a file is ambiguous, whoever reads it.
    lambda cell: (
        bool(cell.strip())
        and cell.lstrip()[0] not in "\"'"
        and not (set(cell) & set("\"'") and set(cell) & set(",;|"))
    )
)


@settings(derandomize=True)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1), st.sampled_from(",;\t|"))
def test_what_a_writer_of_csv_puts_in_comes_out(table: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    dialect, start = find_dialect(out.getvalue())
    assert dialect.delimiter == delimiter
    assert list(rows(out.getvalue(), dialect, start)) == table


def test_a_spoilt_file_is_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(19)
    whole = 'Quarterly report\nName;Amount;Note\n"Doe, Jane";10,5;\'x\'\nBob;"1""2";\n' * 3
    for _ in range(200):
        data = bytearray(whole.encode())
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(1, 256)
        try:
            assert read(tmp_path, bytes(data))
        except InputRejected as refusal:
            assert str(refusal).startswith("'a.csv' ")  # noqa: PT017
