"""Generated texts: markdown with every kind of block in any order and damage, and text without any sense."""

from hypothesis import strategies as st

_LINES = (
    "# Plans",
    "## Prices ##",
    "###### Deep",
    "Title",
    "===",
    "---",
    "A sentence of a policy. And another! Is it?",
    "código, niño and 日本語のテキスト。",
    "👩‍👩‍👧 family 👍🏽",
    "- item",
    "  - nested item",
    "    more of it",
    "- - both at once",
    "1. first",
    "   continued",
    "> quoted",
    "> - item in a quote",
    "```",
    "~~~~ python",
    "    code",
    "\tcode after a tab",
    "| a | b |",
    "|---|:-:|",
    "| 1 | 2 \\| 3 |",
    "![a picture](x.png)",
    "[link]: http://example.com",
    "<div>",
    "<!-- comment",
    "-->",
    "<|endoftext|>",
    "word" * 40,
    "",
    "",
    "   ",
    "\u2028",
)

markdown = st.lists(st.sampled_from(_LINES) | st.text(max_size=20), max_size=40).map("\n".join)
"""Lines of markdown, mostly well formed one by one."""

noise = st.text(alphabet=st.sampled_from("#-*>`~|=1. \t\na\\[]!<é日👩\u0301\u2028\x1f"), max_size=200)
"""Characters that mean something to a parser or a tokenizer, in any order."""

texts = markdown | noise | st.text(max_size=200)
part_sizes = st.integers(min_value=1, max_value=200) | st.just(128 * 1024)
