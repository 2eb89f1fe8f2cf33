"""Hostile and spoilt web pages: read or refused, soon, and with every word."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.parsers import samples
from tests.unit.parsers.web.reading import read, read_or_refused
from tests.unit.parsers.web.test_web import LINES
from tests.unit.parsers.web.test_web_tables import TABLES

HOSTILE = {
    "attributes of one element": "<p " + "".join(f"a{number}=1 " for number in range(200_000)) + ">x",
    "formats that differ": "".join(f"<p>x<font a={number}>" for number in range(3_000)),
    "ends at depth": "x" + "<div>" * 50_000 + "</p></b>" * 50_000,
    "crossing formats": "x<b><div></b>" * 30_000,
    "readings": "x" + "<rt>x" * 30_000,
    "frames in frames": "x"
    + "<iframe srcdoc='&lt;iframe srcdoc=&quot;&lt;iframe srcdoc=x&gt;&quot;&gt;'></iframe>" * 500,
    "wide tables": "<table>" + "<tr><td colspan=1000>x<td rowspan=60000>y" * 3_000,
    "deep formulas": "x<math>" + "<mrow>" * 50_000 + "y",
    "angles": "x" + "<" * 1_000_000,
    "quotes": 'x<a b="' * 100_000,
    "comments": "x" + "<!--" * 200_000,
    "scripts": "x<script>" * 100_000,
    "hidden": "x<div hidden>" * 30_000,
    "notes": "".join(f"<a role=doc-noteref href=#n{n}>1</a><p id=n{n}>x" for n in range(10_000)),
    "half a declaration": "<!DOCTYPE " + "[" * 100_000 + "x",
    "CDATA": '<?xml version="1.0"?>x' + "<![CDATA[" * 100_000,
    "empty elements": "<i></i>" * 200_000 + "x",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_page_takes_no_long_time(case: str) -> None:
    start = time.process_time()
    assert "x" in read_or_refused(HOSTILE[case])
    assert time.process_time() - start < 60


WORD = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=10)
TREE = st.recursive(
    WORD.map(lambda word: f" {word} "),
    lambda inner: st.tuples(
        st.sampled_from(
            [
                "p",
                "div",
                "li",
                "ul",
                "ol",
                "table",
                "tr",
                "td",
                "th",
                "b",
                "i",
                "span",
                "h1",
                "h4",
                "pre",
                "a",
                "blockquote",
                "dl",
                "dt",
                "dd",
                "q",
                "section",
                "form",
            ]
        ),
        st.lists(inner, min_size=1, max_size=4),
    ).map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"),
    max_leaves=25,
)


@settings(max_examples=120)
@given(words=st.lists(WORD, min_size=1, max_size=25), page=TREE)
def test_every_word_of_a_page_comes_out_once(words: list[str], page: str) -> None:
    body = "".join(f"<p>{word}</p>" for word in words) + page
    got = read(body).markdown
    in_order = iter(got.split())
    assert all(word in in_order for word in words)
    kept = {letter for letter in page if letter.isalnum() and ord(letter) > 127}
    assert kept <= set(got)


def test_a_mutated_page_is_read_or_refused() -> None:
    seeds = random.Random(15)
    whole = (
        samples.HTML
        + "".join(page for page, _shown in LINES.values())
        + "".join(rows for rows, _shown in TABLES.values())
    ).encode()
    for _ in range(120):
        data = bytearray(whole)
        for _ in range(seeds.randint(1, 40)):
            at = seeds.randrange(len(data))
            if seeds.random() < 0.4:
                data[at] = seeds.randrange(32, 127)
            elif seeds.random() < 0.5:
                del data[at : at + seeds.randint(1, 60)]
            else:
                data[at:at] = seeds.choice(
                    [
                        b"<",
                        b">",
                        b'"',
                        b"<table>",
                        b"</table>",
                        b"<li>",
                        b"<td>",
                        b"</ul>",
                        b"<a>",
                        b"<math>",
                        b"<ruby>",
                        b"<rt>",
                    ]
                )
        assert read_or_refused(bytes(data)).strip()
