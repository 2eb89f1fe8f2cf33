"""Runs of formatted text: all their text is there, in order, and words stay whole."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lethe.parsers.markdown.inline import Run, inline, literal
from lethe.parsers.text import clean
from tests.unit.parsers.markdown.nasty import any_texts

runs = st.lists(
    st.builds(
        Run,
        any_texts | st.sampled_from(["th", "2", "word", " word ", "*", "un", "[x]", "a)"]),
        bold=st.booleans(),
        italic=st.booleans(),
        struck=st.booleans(),
        raised=st.booleans(),
        lowered=st.booleans(),
        link=st.sampled_from([None, None, "https://a.b/c (d)", "#mark", "javascript:x"]),
    ),
    max_size=6,
)


def letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


@given(runs)
@settings(deadline=None)
def test_the_text_of_runs_is_there_in_order(given: list[Run]) -> None:
    text = inline(given)
    for link in ("https://a.b/c%20%28d%29",):
        text = text.replace(f"]({link})", "]")
    assert letters(text) == letters("".join(clean(run.text) for run in given))


@given(any_texts)
@settings(deadline=None)
def test_literal_text_has_no_tags_and_no_links_and_loses_nothing(text: str) -> None:
    stored = literal(text)
    assert re.sub(r"\\(?=[<(])", "", stored) == re.sub(r"\\(?=[<(])", "", clean(text))
    tokens = (
        MarkdownIt("commonmark")
        .disable(["html_block", "fence", "code", "backticks", "reference", "autolink"])
        .parse(stored)
    )
    assert not [
        c for t in tokens for c in t.children or [] if c.type in ("html_inline", "link_open", "image")
    ]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([Run("10"), Run("6", raised=True)], "10^6^"),
        ([Run("H"), Run("2", lowered=True), Run("O")], "H~2~O"),
        ([Run("1"), Run("st", raised=True)], "1st"),
        ([Run("un", bold=True), Run("bold")], "unbold"),
        ([Run("a "), Run("b ", bold=True), Run("c")], "a **b** c"),
        ([Run("b", bold=True), Run("c", bold=True)], "**bc**"),
        ([Run("old", struck=True)], "~~old~~"),
        ([Run("here", link="https://a.b/c d")], "[here](https://a.b/c%20d)"),
        ([Run("https://a.b", link="https://a.b/")], "https://a.b"),
        ([Run("x<y && y>1")], "x<y && y>1"),
        ([Run("<div>")], "\\<div>"),
    ],
)
def test_runs(given: list[Run], text: str) -> None:
    assert inline(given) == text
