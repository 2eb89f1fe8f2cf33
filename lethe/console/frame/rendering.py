"""Documents' text as safe HTML: nothing in a document can become markup of the page around it."""

from collections.abc import Sequence
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("strong", "em", "s", "a", "table", "thead", "tbody", "tr", "th", "td", "span", "div", "mark"),
}
_SCHEMES = {"http", "https", "mailto"}
_CONTAINERS = {"bullet_list_open", "ordered_list_open", "blockquote_open", "table_open"}
_LEAVES = {"paragraph_open", "heading_open", "fence", "code_block", "hr"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "ol": {"start"},
    "span": {"id", "class"},
    "div": {"id", "class"},
    "table": {"tabindex"},
}


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    made.add_render_rule("image", _image)
    return made


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """An image's description instead of the picture, which would be fetched from another site."""
    text = renderer.renderInlineAsText(tokens[index].children or [], options, env)
    return f'<span class="picture">{escape(text)}</span>'


def rendered(
    text: str, marks: Sequence[tuple[str, int]] = (), turns: Sequence[tuple[int, str]] = ()
) -> Markup:
    """Markdown as HTML.

    Args:
        marks: ids, and the offsets in the text of what each is about. It is given to an element before the block that
            holds the offset; in a table, in the first cell of the row.
        turns: offsets at which a page begins, and what to write there.
    """
    tokens = _markdown().parse(text)
    made: list[Token] = []
    waiting = [(text.count("\n", 0, offset), id) for id, offset in marks]
    in_row: list[str] = []
    for token in tokens:
        first, end = token.map or (-1, -1)
        if token.type == "table_open":
            token.attrSet("tabindex", "0")  # so that a wide table can be scrolled by keyboard
            end = first + 1  # marks of further rows are set in them
        if token.type == "tr_open" or (token.level == 0 and token.nesting >= 0):
            begun = [id for line, id in waiting if line < end]
            waiting = [(line, id) for line, id in waiting if line >= end]
            if token.type == "tr_open":
                in_row = begun
            else:
                made += [_anchor("div", id) for id in begun]
        made.append(token)
        if token.type in ("td_open", "th_open"):
            made += [_anchor("span", id) for id in in_row]
            in_row = []
    made += [_anchor("div", id) for _, id in waiting]
    made = _turned(made, [(text.count("\n", 0, offset), label) for offset, label in turns])
    html = _markdown().renderer.render(made, _markdown().options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)
    return Markup(clean)  # noqa: S704


def _turned(tokens: Sequence[Token], turns: Sequence[tuple[int, str]]) -> list[Token]:
    """The tokens, with each page's label before the block with its first line; in a table, in the row's first cell."""
    made: list[Token] = []
    waiting, row = [*turns], -1
    for token in tokens:
        first, end = token.map or (-1, -1)
        if token.type == "tr_open":
            row = first
        elif token.type in _CONTAINERS | _LEAVES:
            last = first if token.type in _CONTAINERS else end - 1
            while waiting and waiting[0][0] <= last:
                made.append(_turn("div", waiting.pop(0)[1]))
        made.append(token)
        if token.type in ("td_open", "th_open"):
            while waiting and waiting[0][0] <= row:
                made.append(_turn("span", waiting.pop(0)[1]))
    return made


def _turn(tag: str, label: str) -> Token:
    return Token("html_block", "", 0, content=f'<{tag} class="turn">{escape(label)}</{tag}>')


def _anchor(tag: str, id: str) -> Token:
    return Token("html_block", "", 0, content=f'<{tag} id="{id}" class="anchor"></{tag}>')
