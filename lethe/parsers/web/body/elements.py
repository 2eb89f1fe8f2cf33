"""HTML elements by their effect on the text."""

_KINDS = {
    "left out": "head script style noscript datalist noembed rp title",
    "format": "b strong i em cite dfn var del s strike sup sub",
    "heading": "h1 h2 h3 h4 h5 h6",
    "block": "address article aside blockquote body center col colgroup details dialog div fieldset figcaption figure "
    "footer form frameset header hgroup hr html legend main nav noframes optgroup option p search section summary",
    "list": "ul ol menu dir dl",
    "item": "li dt dd",
    "table": "table",
    "group": "thead tbody tfoot",
    "row": "tr",
    "cell": "td th",
    "caption": "caption",
    "code": "pre listing xmp plaintext",
    "link": "a",
    "line end": "br",
    "quote": "q",
    "word": "ruby",
    "reading": "rt",
    "replaced": "img svg math input select textarea",
    "frame": "iframe",
    "template": "template",
    "media": "audio video canvas embed applet frame",
    "control": "button",
}
KIND = {tag: kind for kind, tags in _KINDS.items() for tag in tags.split()}
"""The kind of each element; any other element is inline."""
