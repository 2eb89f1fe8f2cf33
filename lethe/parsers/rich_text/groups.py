"""Handles the text of special groups: notes, boxes, pictures, fields, font tables."""

from collections.abc import Callable

from lethe.parsers.markdown.inline import literal
from lethe.parsers.openxml.field_codes import is_unseen
from lethe.parsers.rich_text.document import RichText
from lethe.parsers.rich_text.fields import Field
from lethe.parsers.rich_text.state import NOWHERE, PLAIN, Kept, changed_form
from lethe.parsers.rich_text.story import marker_of
from lethe.parsers.rich_text.tables import Definition

Action = Callable[[RichText, int | None], None]

_LEFT_OUT = (
    "colortbl", "filetbl", "private", "private1", "xe", "tc", "tcn", "rxe", "txe", "ftnsep", "ftnsepc", "ftncn",
    "aftnsep", "aftnsepc", "aftncn", "template", "nonshppict", "shprslt", "objclass", "objname", "objdata", "objalias",
    "objsect", "nonesttables", "mmathPict", "fontemb", "bkmkstart", "bkmkend", "atnid", "atnref", "atndate", "atntime",
    "atnparent", "atnicn", "listtable", "listoverridetable", "themedata",
)  # fmt: skip
_PART_OF_TEXT = (
    "shp", "shpgrp", "shpinst", "shppict", "do", "picprop", "sp", "result", "mmath", "moMath",
    "moMathPara", "mbox",
)  # fmt: skip
"""Groups that may be marked as optional, for old programs, but contain text to read."""


def kept(reader: RichText, use: Callable[[str], None]) -> None:
    """Collects the group's text, and passes it to `use` at its end."""
    sink = Kept()
    reader.enter(sink, lambda: use(sink.text))


def _note(reader: RichText, _number: int | None) -> None:
    story = reader.story
    reader.is_endnote = False

    def done(lines: list[str]) -> None:
        mark = reader.notes.add("endnote" if reader.is_endnote else "footnote", " ".join(lines))
        if story is not None:
            story.add(f"[^{mark}]", PLAIN)

    reader.enter_story(done)


def _comment(reader: RichText, _number: int | None) -> None:
    story = reader.story

    def done(lines: list[str]) -> None:
        text = " ".join(lines)
        mark = reader.notes.add("comment", f"{reader.author}: {text}" if reader.author else text)
        if story is not None:
            story.add(f"[^{mark}]", PLAIN)

    reader.enter_story(done)


def _author(reader: RichText, _number: int | None) -> None:
    def use(text: str) -> None:
        reader.author = literal(text.strip())

    kept(reader, use)


def _title(reader: RichText, _number: int | None) -> None:
    def use(text: str) -> None:
        reader.title = text.strip() or reader.title

    kept(reader, use)


def _footer(reader: RichText, _number: int | None) -> None:
    def done(lines: list[str]) -> None:
        if lines:
            reader.footers["\n".join(lines)] = None

    reader.enter_story(done)


def _box(reader: RichText, _number: int | None) -> None:
    story = reader.story

    def done(lines: list[str]) -> None:
        if lines:
            reader.properties["text"] = lines[0]
        if story is not None:
            story.boxes += lines

    reader.enter_story(done)


def _shape(reader: RichText, _number: int | None) -> None:
    """Reads the text of a shape; without any, its description. A picture without both is counted as left out."""
    before, reader.properties = reader.properties, {}
    story = reader.story

    def done() -> None:
        properties, reader.properties = reader.properties, before
        text = (
            properties.get("text")
            or properties.get("gtextUNICODE", "")
            or properties.get("wzDescription", "")
        )
        if "text" not in properties and text.strip() and story is not None:
            story.boxes.append(literal(text.strip()))
        elif not text.strip() and "picture" in properties:
            reader.left_out["image"] += 1

    reader.change()
    reader.state.done = done


def _picture(reader: RichText, _number: int | None) -> None:
    if isinstance(reader.state.sink, Kept):  # the picture of a shape
        reader.properties["picture"] = "1"
        reader.enter(None)
        return
    if reader.state.in_object:
        reader.enter(None)
        return
    before, reader.properties = reader.properties, {}
    story = reader.story

    def done() -> None:
        properties, reader.properties = reader.properties, before
        text = properties.get("wzDescription", "").strip()
        if text and story is not None:
            story.add(text)
        elif not text:
            reader.left_out["image"] += 1

    reader.enter(NOWHERE, done)


def _object(reader: RichText, _number: int | None) -> None:
    """Reads the result of an embedded object; one without text is counted as left out."""
    story = reader.story
    before = story.pieces if story is not None else 0

    def done() -> None:
        if story is None or story.pieces == before:
            reader.left_out["embedded object"] += 1

    reader.change(in_object=True)
    reader.state.done = done


def _property_name(reader: RichText, _number: int | None) -> None:
    def use(text: str) -> None:
        reader.property_name = text.strip()

    kept(reader, use)


def _property_value(reader: RichText, _number: int | None) -> None:
    def use(text: str) -> None:
        if text.strip():
            reader.properties[reader.property_name] = text

    kept(reader, use)


def _field(reader: RichText, _number: int | None) -> None:
    story, field = reader.story, Field()
    before = story.pieces if story is not None else 0
    reader.fields.append(field)

    def done() -> None:
        reader.fields.pop()
        if story is not None and story.pieces == before:
            reader.put(field.without_result())

    reader.change()
    reader.state.done = done


def _instruction(reader: RichText, _number: int | None) -> None:
    def use(text: str) -> None:
        if reader.fields:
            reader.fields[-1].instruction = text

    kept(reader, use)


def _field_result(reader: RichText, _number: int | None) -> None:
    link = reader.fields[-1].link if reader.fields else None
    if reader.fields and is_unseen(reader.fields[-1].instruction):
        reader.enter(None)
    elif link:
        reader.change(form=changed_form(reader.state.form, (("link", link),)))


def _entry(reader: RichText, _number: int | None) -> None:
    kept(reader, lambda text: reader.fields[-1].entries.append(text) if reader.fields else None)


def _marker(reader: RichText, _number: int | None) -> None:
    story = reader.story

    def use(text: str) -> None:
        if story is not None:
            story.marker = marker_of(text) or None

    kept(reader, use)


def _two_versions(reader: RichText, _number: int | None) -> None:
    """Skips the version of a text for old programs; the Unicode version is in a group inside."""
    reader.change(unicode_sink=reader.state.sink, sink=NOWHERE)


def _unicode(reader: RichText, _number: int | None) -> None:
    reader.change(sink=reader.state.unicode_sink)


def _nothing(reader: RichText, _number: int | None) -> None:
    pass


def _nested_row(reader: RichText, _number: int | None) -> None:
    """Begins the definition of a row in a nested table; the outer row keeps its own."""
    story = reader.story
    if story is None:
        return
    outer, story.layout = story.layout, Definition()

    def done() -> None:
        story.layout = outer

    reader.change()
    reader.state.done = done


DESTINATIONS: dict[str, Action] = {
    "fonttbl": lambda reader, _: reader.enter(reader.fonts),
    "stylesheet": lambda reader, _: reader.enter(reader.styles),
    "info": lambda reader, _: reader.enter(NOWHERE),
    "formfield": lambda reader, _: reader.enter(NOWHERE),
    "title": _title,
    "footnote": _note,
    "annotation": _comment,
    "atnauthor": _author,
    **dict.fromkeys(
        ("header", "headerl", "headerr", "headerf"), lambda reader, _: reader.enter_story(reader.header)
    ),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), _footer),
    "shptxt": _box,
    "dptxbxtext": _box,
    "pict": _picture,
    "object": _object,
    "sn": _property_name,
    "sv": _property_value,
    "field": _field,
    "fldinst": _instruction,
    "fldrslt": _field_result,
    "ffl": _entry,
    "listtext": _marker,
    "pntext": _marker,
    "upr": _two_versions,
    "ud": _unicode,
    **dict.fromkeys(_PART_OF_TEXT, _nothing),
    **dict.fromkeys(("shp", "do"), _shape),
    "nesttableprops": _nested_row,
    **dict.fromkeys(_LEFT_OUT, lambda reader, _: reader.enter(None)),
}
"""Control words that begin a special group."""
