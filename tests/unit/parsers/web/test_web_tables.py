"""Tables of web pages: their cells, their columns, and which of them are layout."""

import pytest

from tests.unit.parsers.web.reading import read

TABLES = {
    "columns": (
        "<tr><th colspan=2>Name<th>Price<tr><td>Jane<td>Doe<td>10",
        "| Name | Name | Price |\n| --- | --- | --- |\n| Jane | Doe | 10 |",
    ),
    "rows": (
        "<tr><th>Region<th>City<th>Sales<tr><td rowspan=2>North<td>Oslo<td>5<tr><td>Bergen<td>7",
        "| Region | City | Sales |\n| --- | --- | --- |\n| North | Oslo | 5 |\n| North | Bergen | 7 |",
    ),
    "all rows": ("<tr><td rowspan=0>A<td>1<tr><td>2", "| A | 1 |\n| --- | --- |\n| A | 2 |"),
    "more columns than there are": (
        "<tr><td colspan=99>Title<tr><td>a<td>b",
        "| Title |  |\n| --- | --- |\n| a | b |",
    ),
    "spans that are none": ("<tr><td colspan=x rowspan=-2>a<td colspan=''>b", "| a | b |\n| --- | --- |"),
    "a foot before the body": (
        "<caption>Fees</caption><tfoot><tr><td>Sum<td>9</tfoot><thead><tr><th>Item<th>Fee</thead><tr><td>Lamp<td>9",
        "Fees\n\n| Item | Fee |\n| --- | --- |\n| Lamp | 9 |\n| Sum | 9 |",
    ),
    "rows that end with their group": (
        "<thead><tr><th rowspan=9>H<th>I</thead><tbody><tr><td>a<td>b",
        "| H | I |\n| --- | --- |\n| a | b |",
    ),
    "blocks in cells": (
        "<tr><th>H<th>I<tr><td><p>a<p>b<ul><li>c<li>d</ul><td><h3>e</h3>f<br>g|h",
        "| H | I |\n| --- | --- |\n| a b c d | e f g\\|h |",
    ),
    "numbers in cells": (
        "<tr><th>H<th>I<tr><td><ol><li>a<li>b</ol><td>c",
        "| H | I |\n| --- | --- |\n| 1. a 2. b | c |",
    ),
    "a table in a cell": (
        "<tr><th>H<th>I<tr><td>a<td><table><tr><td>b<td>c</table>d",
        "| H | I |\n| --- | --- |\n| a | b c d |",
    ),
    "layout by what is in it": (
        "<tr><td><h2>Left</h2>a<td><table><tr><td>b<td>c</table>",
        "## Left\n\na\n\n| b | c |\n| --- | --- |",
    ),
    "layout by its role": ("<tr><td>a<td>b", "a\n\nb"),
    "one column": ("<tr><td>a<tr><td>b", "a\n\nb"),
    "no rows": ("<td>a<td>b", "| a | b |\n| --- | --- |"),
    "text between rows": ("<tr><td>a<td>b</tr>lost", "lost\n\n| a | b |\n| --- | --- |"),
    "links": (
        "<tr><td><a href='https://x.example/a'>x</a><td>2<sup>3</sup>",
        "| [x](https://x.example/a) | 2^3^ |\n| --- | --- |",
    ),
}


@pytest.mark.parametrize("case", TABLES)
def test_a_table_keeps_its_columns(case: str) -> None:
    rows, shown = TABLES[case]
    role = " role=presentation" if case == "layout by its role" else ""
    assert read(f"<table{role}>{rows}</table>").markdown == shown + "\n"
