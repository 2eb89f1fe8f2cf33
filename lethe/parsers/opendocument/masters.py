"""Master pages: headers and footers of the pages that a document uses."""

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from lethe.parsers.opendocument.body.flow import Flow
from lethe.parsers.opendocument.package.styles import Styles

_KINDS = ("", "-first", "-left")
_COUNTS = frozenset({"text:page-number", "text:page-count", "text:sheet-name"})
_SHORT = 5
_FAMILIES = {"text:p": "paragraph", "text:h": "paragraph", "table:table": "table", "text:section": "section"}


class Masters:
    """The master pages below `office:master-styles`."""

    def __init__(self, holder: Element | None) -> None:
        pages = [] if holder is None else holder.findall("style:master-page")
        self._pages = {page.get("style:name", ""): page for page in pages}

    def used_in(self, body: Element, styles: Styles) -> list[Element]:
        """The master pages of a text document, in the order of their first use."""
        asked = list(dict.fromkeys(_asked_for(body, styles)))
        if not asked or asked[0] == "":
            asked[:1] = ["Standard" if "Standard" in self._pages else next(iter(self._pages), "")]
        used: list[Element] = []
        for name in asked:
            page = self._pages.get(name)
            while page is not None and page not in used:
                used.append(page)
                page = self._pages.get(page.get("style:next-style-name", ""))
        return used

    def get(self, name: str) -> Element | None:
        """The master page of this name."""
        return self._pages.get(name)


def running_texts(flow: Flow, pages: Iterable[Element], kind: str) -> Iterator[str]:
    """The headers ("header") or footers ("footer") of these pages, each text once."""
    seen = {""}
    for page in pages:
        for suffix in _KINDS:
            for element in page.findall(f"style:{kind}{suffix}"):
                text = flow.text_of(element) if element.get("style:display") != "false" else ""
                if text not in seen:
                    seen.add(text)
                    yield text


def printed_texts(flow: Flow, page: Element | None, kind: str) -> Iterator[str]:
    """The headers or footers printed with a sheet. Those that only count pages are left out: every spreadsheet has
    "Page 1" from its template."""
    for suffix in _KINDS:
        for element in () if page is None else page.findall(f"style:{kind}{suffix}"):
            if element.get("style:display") == "false":
                continue
            for part in [child for child in element if child.tag.startswith("style:region")] or [element]:
                counts = any(field.tag in _COUNTS for field in part.iter())
                text = flow.text_of(part)
                if text and not (counts and len(text.split()) <= _SHORT):
                    yield text


def _asked_for(body: Element, styles: Styles) -> Iterator[str]:
    """The names of the master pages that blocks use; the empty name first if the first block names none."""
    known: dict[tuple[str, str], str] = {}
    first = True
    for element in body.iter():
        family = _FAMILIES.get(element.tag)
        if family is None:
            continue
        style = element.get(f"{'table' if family == 'table' else 'text'}:style-name", "")
        if (family, style) not in known:
            known[family, style] = styles.attribute(family, style, "style:master-page-name") or ""
        name = known[family, style]
        if name or first:
            yield name
        first = False
