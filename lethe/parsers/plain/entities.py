"""Replaces named XML entities before parsing: those of HTML, and short ones that the file declares."""

import re
from html.entities import html5

_MOST_ADDED = 1 << 20
"""The most characters to which all references to a file's own entities may expand."""
_KNOWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NAME = r"[A-Za-z_:][\w:.-]{0,100}"
_REFERENCE = re.compile(
    rf"&(?!(?:amp|lt|gt|quot|apos|#\d{{1,7}}|#x[0-9a-fA-F]{{1,6}});)(?:{_NAME}|#\d+|#x[0-9a-fA-F]+);"
)
_CONTROL = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]));")
"""References to characters that XML 1.0 forbids but some programs write."""
_MARKUP = re.compile(
    rf"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!ENTITY.*?(?:>|\Z)|&(?P<name>{_NAME});",
    re.DOTALL,
)
_PROLOG = re.compile(
    r"""(?:\s++|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE\s[^\[>]*+"""
    r"""\[(?:<!--(?:[^-]++|-(?!->))*+-->|"[^"]*+"|'[^']*+'|[^\]"'<]++|<(?!!--))*+\]\s*+>""",
    re.DOTALL,
)
"""Everything up to the end of a DOCTYPE with declarations of its own."""
_DECLARATION = re.compile(
    rf"""<!ENTITY\s+(?P<name>{_NAME})\s+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)')\s*+>"""
)
_NEEDS_MORE = re.compile(r"%|&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)")


def resolved(text: str) -> tuple[str, tuple[str, ...]]:
    """`text`, an XML document, with its named entities replaced, and warnings.

    The file's own short entities are replaced and their declarations removed. If any refers to others, or they grow too
    much, all stay declared, for the parser to refuse. An unknown name stays as text, with a warning. Nothing is
    fetched. XML comments and CDATA sections stay as they are.
    """
    if "&#" in text:
        text = _CONTROL.sub("", text)
    own, text = _own_entities(text)
    if not own and not _REFERENCE.search(text):
        return text, ()
    unknown: dict[str, None] = {}

    def put_in(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None or name in _KNOWN:
            return found[0]
        if name in own:
            return own[name]
        known = html5.get(f"{name};")
        if known is not None:
            return known.replace("&", "&amp;").replace("<", "&lt;")
        unknown[name] = None
        return f"&amp;{name};"

    text = _MARKUP.sub(put_in, text)
    if not unknown:
        return text, ()
    names = ", ".join(f"&{name};" for name in list(unknown)[:10]) + (
        " and others" if len(unknown) > 10 else ""
    )
    return text, (f"The file does not say what {names} stands for: it was left as it is.",)


def _own_entities(text: str) -> tuple[dict[str, str], str]:
    """The entities that the DOCTYPE declares, if all are harmless, and the document without their declarations."""
    found = _PROLOG.match(text)
    if found is None:
        return {}, text
    prolog = found[0]
    own: dict[str, str] = {}
    for declared in _DECLARATION.finditer(prolog):
        value = declared["double"] if declared["double"] is not None else declared["single"]
        if _NEEDS_MORE.search(value):
            return {}, text
        own.setdefault(declared["name"], value)
    longest = max(map(len, own.values()), default=0)
    if not own or longest * text.count("&") > _MOST_ADDED:
        return {}, text
    return own, _DECLARATION.sub("", prolog) + text[len(prolog) :]
