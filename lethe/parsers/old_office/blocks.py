"""Reads old formats with the library office-oxide, and writes its tree of blocks as blocks of a document."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from office_oxide import Document, OfficeOxideError

from lethe.parsers.markdown.blocks import Blocks, Lines
from lethe.parsers.markdown.grid import Cell, laid_out
from lethe.parsers.markdown.inline import Run, inline, literal
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.source import Source

Node = dict[str, Any]
"""An object of the library's tree."""


def read_blocks(source: Source, kind: Literal["doc", "ppt", "xls"]) -> Node:
    """The library's tree of an old file: `metadata`, and `sections` of `elements`.

    Raises InputRejected if the library cannot read the file.
    """
    try:
        return Document.from_bytes(source.read(), kind).to_ir()
    except OfficeOxideError as exc:
        if any(word in str(exc).lower() for word in ("encrypt", "password")):
            raise source.rejected("is encrypted: save it without a password and send it again") from exc
        raise source.rejected("is damaged: it cannot be read to the end") from exc
    except BaseException as exc:  # a panic in the library is not an Exception
        if type(exc).__name__ != "PanicException":
            raise
        raise source.rejected("is damaged: it cannot be read to the end") from exc


_OBJECT = "Embedded OLE object"
"""The library's description of a picture that stands for an embedded object."""


class BlockWriter:
    """Writes the blocks of one tree, with headings `deeper` levels down. Old lists do not record whether they are
    numbered, so all get bullets."""

    def __init__(self, writer: Writer, left_out: LeftOut, *, deeper: int = 0) -> None:
        self._deeper = deeper
        self._writer = writer
        self._left_out = left_out
        self._comments = 0

    def write(self, elements: Iterable[Node], blocks: Blocks | None = None) -> None:
        """Writes blocks to the writer, or into the text of a cell."""
        blocks = blocks or self._writer
        for element in elements:
            match element.get("type"):
                case "heading":
                    blocks.heading(
                        element.get("level", 1) + self._deeper, inline(self._runs(element, bold=False))
                    )
                case "paragraph":
                    blocks.paragraph(inline(self._runs(element)))
                case "list":
                    self._list(element, 0, blocks)
                case "table":
                    self._table(element, blocks)
                case "footnote" | "endnote":
                    self._note(element, blocks)
                case "image":
                    self._image(element, blocks)
                case _:
                    self.write(element.get("content") or (), blocks)

    def flat(self, elements: Iterable[Node]) -> str:
        """Blocks as one text."""
        lines = Lines()
        self.write(elements, lines)
        return lines.text()

    def _list(self, element: Node, depth: int, blocks: Blocks) -> None:
        for item in element.get("items") or ():
            blocks.item(self.flat(item.get("content") or ()), depth)
            if item.get("nested"):
                self._list(item["nested"], depth + 1, blocks)

    def _table(self, element: Node, blocks: Blocks) -> None:
        blocks.table(
            laid_out(
                [[self._cell(cell) for cell in row.get("cells") or ()] for row in element.get("rows") or ()]
            )
        )

    def _cell(self, cell: Node) -> Cell:
        return Cell(self.flat(cell.get("content") or ()), cell.get("col_span", 1), cell.get("row_span", 1))

    def _note(self, element: Node, blocks: Blocks) -> None:
        text = self.flat(element.get("content") or ())
        author = literal(element.get("author") or "")
        if author:
            self._comments += 1
            mark = f"c{self._comments}"
        else:
            mark = _mark(element["type"], element.get("id", 0))
        if isinstance(blocks, Writer):
            blocks.note(mark, f"{author}: {text}" if author else text)
        else:
            blocks.paragraph(text)

    def _image(self, element: Node, blocks: Blocks) -> None:
        words = literal((element.get("alt_text") or "").strip())
        if words == _OBJECT:
            self._left_out["embedded object"] += 1
            return
        self._left_out["image"] += not words
        blocks.paragraph(words)

    def _runs(self, element: Node, *, bold: bool = True) -> Iterator[Run]:
        for piece in element.get("content") or ():
            kind = piece.get("type")
            if kind == "text":
                height = piece.get("vertical_align")
                yield Run(
                    piece.get("text") or "",
                    bold=bold and bool(piece.get("bold")),
                    italic=bool(piece.get("italic")),
                    struck=bool(piece.get("strikethrough")),
                    raised=height == "superscript",
                    lowered=height == "subscript",
                    link=piece.get("hyperlink"),
                )
            elif kind == "line_break":
                yield Run("\n")
            elif kind in ("footnote_ref", "endnote_ref"):
                yield Run(f"[^{_mark(kind, piece.get('note_id', 0))}]")


def _mark(kind: str, key: int) -> str:
    return f"{'e' if kind.startswith('endnote') else ''}{key + 1}"
