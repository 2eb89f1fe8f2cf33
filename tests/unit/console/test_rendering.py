"""What becomes of a document's text on its page, and of a snippet on the page of hits."""

import re

import pytest

from lethe.console.frame.rendering import rendered
from lethe.console.frame.templates import breakable
from lethe.console.pages.search import marked
from lethe.core.search.snippets import Snippet

TEXT = """# Keys

First.

- one
- two

| a | b |
| - | - |
| c | d |

Last.
"""


@pytest.mark.parametrize(
    ("line", "before"),
    [
        ("# Keys", "<h1>Keys"),
        ("First", "<p>First"),
        ("- one", "<ul>"),
        ("- two", "two"),
        ("| a", "<table"),
        ("| c", "c</td>"),
    ],
)
def test_a_page_is_marked_where_its_first_line_is(line: str, before: str) -> None:
    html = rendered(TEXT, turns=[(TEXT.index(line), "Page 2")])
    assert len(re.findall("Page 2", html)) == 1
    after = html.partition("Page 2")[2].partition(">")[2]
    assert re.sub(r"\s", "", after).startswith(before)


@pytest.mark.parametrize(
    ("line", "after"),
    [("First", "<p>First"), ("- two", "<ul>"), ("| a", "<table"), ("| - |", "c</td>"), ("| c", "c</td>")],
)
def test_a_place_is_before_its_block_and_in_a_table_in_its_row(line: str, after: str) -> None:
    html = rendered(TEXT, marks=[("here", TEXT.index(line))])
    (found,) = re.findall(r'<(?:div|span) id="here" class="anchor"></(?:div|span)>(.*)', html, re.DOTALL)
    assert re.sub(r"\s", "", found).startswith(after)


def test_pages_without_text_are_marked_one_after_the_other() -> None:
    html = rendered(
        TEXT, turns=[(0, "Page 1"), (TEXT.index("Last"), "Page 2"), (TEXT.index("Last"), "Page <3>")]
    )
    assert re.findall(r'class="turn">([^<]*)<', html) == ["Page 1", "Page 2", "Page &lt;3&gt;"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("| season | key | | --- | --- | | summer | 40 |", "season · <mark>key</mark> · summer · 40"),
        ("… same day. | what | key | …", "… same day. what · <mark>key</mark> …"),
        ("**A** key: - one - two <b>", "A <mark>key</mark>: one · two &lt;b&gt;"),
        ("# Lost key", "Lost <mark>key</mark>"),
    ],
)
def test_a_snippet_is_read_without_the_signs_of_markdown(text: str, shown: str) -> None:
    at = text.index("key")
    assert marked(Snippet(text, ((at, at + 3),), at)) == shown


def test_a_long_name_may_break_after_its_marks_and_a_short_one_stays_whole() -> None:
    assert (
        breakable("quarterly_report_2026.final.pdf") == "quarterly_<wbr>report_<wbr>2026.<wbr>final.<wbr>pdf"
    )
    assert breakable("rental-policy.pdf") == "rental-policy.pdf"
    assert breakable("<b>" + "_a" * 100).count("<wbr>") == 12
    assert "<b>" not in breakable("<b>" + "_a" * 100)
