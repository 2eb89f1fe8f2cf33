"""Reads what all sheets of an xlsx share: the list of sheets, strings, styles, and the date system."""

from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree import ElementTree

from lethe.parsers.markup import element_tree, read_xml
from lethe.parsers.number_formats.formats import built_in
from lethe.parsers.openxml.package import Package, without_namespaces
from lethe.parsers.source import Source
from lethe.parsers.workbooks.rich_values import rich_values
from lethe.parsers.workbooks.texts import RichText

_TRUE = ("1", "true", "on")
_GENERAL = ("", "general", "standard")


class Sheet(NamedTuple):
    """A sheet in the workbook's order; `part` is "" if it is missing from the file."""

    name: str
    part: str
    hidden: bool


class Style(NamedTuple):
    """The format of a cell: its number format code, and whether it is struck through."""

    code: str = "General"
    struck: bool = False


@dataclass(slots=True)
class Workbook:
    """The shared parts. `strings` are inline markdown, `people` the authors of threaded comments by id."""

    sheets: list[Sheet] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    styles: list[Style] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)
    from_1904: bool = False
    rich_values: dict[str, str] = field(default_factory=dict)
    """What cells with pictures and data types show; see rich_values.py."""


def read_workbook(source: Source, package: Package) -> Workbook:
    """Reads everything except the sheets. Raises InputRejected if the workbook is missing or damaged."""
    main = package.main_part() or "xl/workbook.xml"
    data = package.data(main)
    if data is None or not data.strip():
        raise source.rejected("is damaged: it contains no workbook")
    root = without_namespaces(element_tree(source, data))
    book = Workbook()
    relations = package.relations(main)
    for relation in relations.values():
        if relation.external:
            continue
        if relation.kind == "sharedStrings":
            book.strings = _strings(source, package.data(relation.target) or b"")
        elif relation.kind == "styles":
            book.styles = _styles(package.plain_tree(relation.target))
        elif relation.kind == "person":
            people = package.plain_tree(relation.target)
            book.people = (
                {one.get("id", ""): one.get("displayName", "") for one in people.iter("person")}
                if people is not None
                else {}
            )
    book.rich_values = rich_values(package, relations)
    for element in root.iter():
        if element.tag == "workbookPr":
            book.from_1904 = element.get("date1904") in _TRUE
    sheets = root.find("sheets")
    for number, element in enumerate(sheets if sheets is not None else (), start=1):
        found = relations.get(element.get("id", ""))
        part = found.target if found else f"xl/worksheets/sheet{number}.xml"
        hidden = element.get("state") in ("hidden", "veryHidden")
        book.sheets.append(Sheet(element.get("name", ""), part if part in package else "", hidden))
    return book


def _strings(source: Source, data: bytes) -> list[str]:
    found: list[str] = []
    if not data.strip():
        return found
    collector = RichText()

    def start(name: str, attributes: list[str]) -> None:
        collector.start(name.rpartition(":")[2], attributes[1] if attributes else None)

    def end(name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "si":
            found.append(collector.markdown())
        else:
            collector.end(local)

    read_xml(source, data, start=start, end=end, text=collector.text)
    return found


def _styles(root: ElementTree.Element | None) -> list[Style]:
    if root is None:
        return []
    codes = {element.get("numFmtId", ""): element.get("formatCode", "") for element in root.iter("numFmt")}
    fonts = root.find("fonts")
    struck = [
        (mark := font.find("strike")) is not None and mark.get("val", "1") in _TRUE
        for font in (fonts if fonts is not None else ())
    ]
    formats = root.find("cellXfs")
    found = []
    for element in formats if formats is not None else ():
        number, font = element.get("numFmtId", "0"), element.get("fontId", "")
        code = codes.get(number)
        if code is None:
            code = built_in(int(number)) if number.isdecimal() and len(number) < 6 else "General"
        index = int(font) if font.isdecimal() and len(font) < 6 else len(struck)
        found.append(
            Style("General" if code.lower() in _GENERAL else code, index < len(struck) and struck[index])
        )
    return found
