"""What each control word does. Words that are not listed affect only the page layout."""

from collections.abc import Callable
from typing import Any

from lethe.parsers.rich_text import charsets
from lethe.parsers.rich_text.document import RichText
from lethe.parsers.rich_text.state import PLAIN, Paragraph, changed_form, changed_paragraph
from lethe.parsers.rich_text.tables import Definition

Action = Callable[[RichText, int | None], None]

SYMBOLS = {"~": " ", "_": "-", "\t": "\t"}
CHARACTERS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "page": "\n", "column": "\n", "softline": "\n", "softpage": "\n",
    "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "emspace": " ", "enspace": " ", "qmspace": " ", "zwj": "\u200d", "zwnj": "\u200c",
    "mden": "/", "msup": "^", "msub": "_", "mrad": "√",
}  # fmt: skip


def _look(**fields: Any) -> Action:
    """Changes the text format; 0 after the word turns it off."""

    on = tuple(fields.items())
    off = tuple((name, False) for name in fields)

    def action(reader: RichText, number: int | None) -> None:
        reader.change(form=changed_form(reader.state.form, off if number == 0 else on))

    return action


def _paragraph(name: str, default: Any) -> Action:
    def action(reader: RichText, number: int | None) -> None:
        value = default if number is None else number
        reader.change(paragraph=changed_paragraph(reader.state.paragraph, name, value))

    return action


def _switch(name: str) -> Action:
    return lambda reader, number: reader.change(**{name: number != 0})


def _plain(reader: RichText, _number: int | None) -> None:
    link = reader.state.form.link
    reader.change(
        form=changed_form(PLAIN, (("link", link),)) if link else PLAIN,
        hidden=False,
        deleted=False,
        font=reader.default_font,
        far=False,
        far_font=None,
    )


def _default_font(reader: RichText, number: int | None) -> None:
    reader.default_font = number
    reader.change(font=number)


def _font(reader: RichText, number: int | None) -> None:
    if reader.state.sink is reader.fonts:
        reader.fonts.begin(number or 0)
    if reader.state.far:
        reader.change(font=number, far_font=number)
    else:
        reader.change(font=number)


def _associated_font(reader: RichText, number: int | None) -> None:
    if reader.state.far:
        reader.change(far_font=number)


def _charset(reader: RichText, number: int | None) -> None:
    if reader.state.sink is reader.fonts:
        reader.fonts.charset(number or 0)


def _font_page(reader: RichText, number: int | None) -> None:
    if reader.state.sink is reader.fonts:
        reader.fonts.page(number or 0)


def _document_page(reader: RichText, number: int | None) -> None:
    reader.fonts.document = charsets.by_page(number or 0) or reader.fonts.document


def _encoding(name: str) -> Action:
    def action(reader: RichText, _number: int | None) -> None:
        reader.fonts.document = name

    return action


def _style(reader: RichText, number: int | None) -> None:
    if reader.state.sink is reader.styles:
        reader.styles.open = number or 0
    else:
        _paragraph("style", 0)(reader, number)


def _outline(reader: RichText, number: int | None) -> None:
    if reader.state.sink is reader.styles:
        reader.styles.outline = number or 0
    else:
        _paragraph("outline", 0)(reader, number)


def _end_paragraph(reader: RichText, _number: int | None) -> None:
    if reader.story is not None and not reader.state.paragraph.drop_cap:  # the next paragraph continues it
        reader.story.end_paragraph(reader.state.paragraph)


def _end_of(kind: str, *, nested: bool = False) -> Action:
    def action(reader: RichText, _number: int | None) -> None:
        if reader.story is not None:
            getattr(reader.story, f"end_{kind}")(reader.state.paragraph, nested=nested)

    return action


def _row(reader: RichText, _number: int | None) -> None:
    if reader.story is not None:
        reader.story.layout = Definition()


def _layout(name: str, value: int) -> Action:
    def action(reader: RichText, _number: int | None) -> None:
        if reader.story is not None:
            setattr(reader.story.layout, name, value)

    return action


def _cell_edge(reader: RichText, number: int | None) -> None:
    if reader.story is not None:
        reader.story.layout.cell(number or 0)


def _in_list(reader: RichText, number: int | None) -> None:
    listed = number != 0 and reader.counts_lists
    reader.change(paragraph=changed_paragraph(reader.state.paragraph, "listed", listed))


def _skip(reader: RichText, number: int | None) -> None:
    reader.change(skip=max(0, min(number if number is not None else 1, 100)))


def _of_field(name: str) -> Action:
    def action(reader: RichText, number: int | None) -> None:
        if reader.fields:
            setattr(reader.fields[-1], name, number or 0)

    return action


def _endnote(reader: RichText, _number: int | None) -> None:
    reader.is_endnote = True


CHANGES: dict[str, Action] = {
    "b": _look(bold=True),
    "i": _look(italic=True),
    "strike": _look(struck=True),
    "striked": _look(struck=True),
    "super": _look(raised=True, lowered=False),
    "sub": _look(lowered=True, raised=False),
    "up": _look(raised=True),
    "dn": _look(lowered=True),
    "nosupersub": lambda reader, _: _look(raised=False, lowered=False)(reader, None),
    "plain": _plain,
    "v": _switch("hidden"),
    "deleted": _switch("deleted"),
    "mvf": lambda reader, _: reader.change(deleted=True),
    "deff": _default_font,
    "f": _font,
    "af": _associated_font,
    "loch": lambda reader, _: reader.change(far=False),
    "hich": lambda reader, _: reader.change(far=False),
    "dbch": lambda reader, _: reader.change(far=True),
    "fcharset": _charset,
    "cpg": _font_page,
    "ansicpg": _document_page,
    "mac": _encoding("mac_roman"),
    "pc": _encoding("cp437"),
    "pca": _encoding("cp850"),
    "uc": _skip,
    "pard": lambda reader, _: reader.change(paragraph=Paragraph()),
    "s": _style,
    "outlinelevel": _outline,
    "intbl": lambda reader, _: _paragraph("in_table", True)(reader, None),
    "itap": _paragraph("table_level", 1),
    "ls": _in_list,
    "ilvl": _paragraph("depth", 0),
    "dropcapli": _paragraph("drop_cap", 1),
    "par": _end_paragraph,
    "sect": _end_paragraph,
    "cell": _end_of("cell"),
    "nestcell": _end_of("cell", nested=True),
    "row": _end_of("row"),
    "nestrow": _end_of("row", nested=True),
    "trowd": _row,
    "clmgf": _layout("next_across", 1),
    "clmrg": _layout("next_across", 2),
    "clvmgf": _layout("next_down", 1),
    "clvmrg": _layout("next_down", 2),
    "cellx": _cell_edge,
    "ftnalt": _endnote,
    "fftype": _of_field("kind"),
    "ffres": _of_field("result"),
    "ffdefres": _of_field("default"),
}
"""Control words that change the state or end a block."""
