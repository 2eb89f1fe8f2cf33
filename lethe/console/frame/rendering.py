"""Documents' text as HTML that is safe to show: what a document says is never markup of the page around it."""

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
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "span": {"class"}, "div": {"id", "class"}}


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    made.add_render_rule("image", _image)
    return made


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """An image's description: the picture itself would be fetched from somewhere else."""
    text = renderer.renderInlineAsText(tokens[index].children or [], options, env)
    return f'<span class="picture">{escape(text)}</span>'


def rendered(text: str, marks: Sequence[tuple[int, int]] = ()) -> Markup:
    """Markdown as HTML.

    Args:
        marks: numbers of chunks and the offsets in the text at which they begin. Each gets an element with the id
            `chunk-N` before the block that holds its beginning.
    """
    tokens = _markdown().parse(text)
    made: list[Token] = []
    waiting = [(text.count("\n", 0, offset), number) for number, offset in marks]
    for token in tokens:
        if token.level == 0 and token.nesting >= 0 and token.map is not None:
            begun = [number for line, number in waiting if line < token.map[1]]
            waiting = [(line, number) for line, number in waiting if line >= token.map[1]]
            made += [_anchor(number) for number in begun]
        made.append(token)
    made += [_anchor(number) for _, number in waiting]
    html = _markdown().renderer.render(made, _markdown().options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)
    return Markup(clean)  # noqa: S704


def _anchor(number: int) -> Token:
    return Token("html_block", "", 0, content=f'<div id="chunk-{number}" class="anchor"></div>')
