"""Small OpenDocument files, as LibreOffice and others write them."""

import io
import zipfile

_NAMES = {
    "office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing",
    "svg": "svg-compatible", "form": "form", "chart": "chart", "presentation": "presentation", "meta": "meta",
    "number": "datastyle", "fo": "xsl-fo-compatible",
}  # fmt: skip
NAMESPACES = " ".join(
    [f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in _NAMES.items()]
    + [
        'xmlns:xlink="http://www.w3.org/1999/xlink"',
        'xmlns:dc="http://purl.org/dc/elements/1.1/"',
        'xmlns:math="http://www.w3.org/1998/Math/MathML"',
        'xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"',
        'xmlns:field="urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0"',
    ]
)
_TYPE = "application/vnd.oasis.opendocument."


def container(kind: str, body: str, automatic: str = "", members: dict[str, str] | None = None) -> bytes:
    """A zipped file; `kind` is that of the body: "text", "spreadsheet", "presentation"."""
    return packed(
        {"mimetype": _TYPE + kind, "content.xml": content(kind, body, automatic), **(members or {})}
    )


def packed(members: dict[str, str]) -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in members.items():
            made.writestr(name, text)
    return out.getvalue()


def content(kind: str, body: str, automatic: str = "") -> str:
    """A content.xml."""
    return (
        f"<office:document-content {NAMESPACES}><office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )


def styles(named: str = "", masters: str = "", automatic: str = "") -> dict[str, str]:
    """A styles.xml, as a member."""
    return {
        "styles.xml": f"<office:document-styles {NAMESPACES}><office:styles>{named}</office:styles>"
        f"<office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:master-styles>{masters}</office:master-styles></office:document-styles>"
    }


def flat(kind: str, body: str, named: str = "", automatic: str = "", title: str = "") -> bytes:
    """A flat file."""
    return (
        f'<?xml version="1.0"?><office:document {NAMESPACES}><office:meta><dc:title>{title}</dc:title></office:meta>'
        f"<office:styles>{named}</office:styles><office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>"
    ).encode()


def p(inside: str, style: str = "") -> str:
    """A paragraph."""
    return f'<text:p text:style-name="{style}">{inside}</text:p>' if style else f"<text:p>{inside}</text:p>"


def items(*inside: str, attributes: str = "") -> str:
    """A list; each item is a paragraph, or blocks."""
    made = "".join(
        f"<text:list-item>{item if item.startswith('<') else p(item)}</text:list-item>" for item in inside
    )
    return f"<text:list{attributes and ' '}{attributes}>{made}</text:list>"


def row(*cells: str, attributes: str = "") -> str:
    """A row of a table; a cell is a text, or an element."""
    made = "".join(cell if cell.startswith("<table:") else td(cell) for cell in cells)
    return f"<table:table-row{attributes and ' '}{attributes}>{made}</table:table-row>"


def td(text: str = "", attributes: str = "") -> str:
    """A cell of a table."""
    inside = text if text.startswith("<") or not text else p(text)
    return f"<table:table-cell{attributes and ' '}{attributes}>{inside}</table:table-cell>"


def table(*rows: str, attributes: str = "") -> str:
    """A table."""
    return f"<table:table{attributes and ' '}{attributes}>{''.join(rows)}</table:table>"


COVERED = "<table:covered-table-cell/>"


def frame(inside: str, about: str = "", attributes: str = "") -> str:
    """A frame, with a title or description."""
    return f"<draw:frame {attributes}>{inside}{about}</draw:frame>"


def box(*paragraphs: str) -> str:
    """A frame with a text box."""
    return frame(f"<draw:text-box>{''.join(map(p, paragraphs))}</draw:text-box>")


def note(label: str, text: str, kind: str = "footnote") -> str:
    """A footnote or endnote."""
    return (
        f'<text:note text:note-class="{kind}"><text:note-citation>{label}</text:note-citation>'
        f"<text:note-body>{p(text)}</text:note-body></text:note>"
    )


def text_style(name: str, properties: str, family: str = "text", attributes: str = "") -> str:
    """A style with text properties."""
    return (
        f'<style:style style:name="{name}" style:family="{family}" {attributes}>'
        f"<style:text-properties {properties}/></style:style>"
    )


def numbered(name: str, *levels: str) -> str:
    """A list style; each level is given by its attributes."""
    made = "".join(
        f'<text:list-level-style-number text:level="{depth}" {level}/>'
        for depth, level in enumerate(levels, start=1)
    )
    return f'<text:list-style style:name="{name}">{made}</text:list-style>'


def slide(inside: str, attributes: str = "") -> str:
    """A slide."""
    return f"<draw:page {attributes}>{inside}</draw:page>"


def placed(kind: str, *paragraphs: str) -> str:
    """A place of a slide: "title", "outline", "notes"."""
    return frame(
        f"<draw:text-box>{''.join(part if part.startswith('<') else p(part) for part in paragraphs)}</draw:text-box>",
        attributes=f'presentation:class="{kind}"',
    )


OUTLINE = (
    "<text:outline-style>"
    '<text:outline-level-style text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>'
    '<text:outline-level-style text:level="3" style:num-format=""/></text:outline-style>'
)
"""Numbers of headings: 1., 1.1, and none on the third level."""


def h(text: str, level: int = 1, attributes: str = "") -> str:
    """A heading."""
    return f'<text:h text:outline-level="{level}" {attributes}>{text}</text:h>'


def header(text: str, kind: str = "header") -> str:
    """The header of a page."""
    return f"<style:{kind}>{p(text)}</style:{kind}>"


def master(name: str, inside: str, following: str = "") -> str:
    """A style of pages."""
    return f'<style:master-page style:name="{name}" style:next-style-name="{following}">{inside}</style:master-page>'
