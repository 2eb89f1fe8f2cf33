"""Notebooks (.ipynb): their text, code and outputs, as shown in a browser."""

import json
import re

from lethe.domain.errors import InputRejected
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.plain.json_values import check_width, read_json
from lethe.parsers.source import Reading, Source
from lethe.parsers.text import decode
from lethe.parsers.web.page import read_page

Json = object
_STAND_IN = re.compile(r"<[\w.]+( object| at 0x[0-9a-f]+)+>")
"""Python's text for output that the browser shows as HTML or markdown: `<IPython.core.display.HTML object>`."""


def read_notebook(source: Source) -> Reading:
    """A notebook's cells in order: text as it is, code and its outputs as code blocks.

    A file that is not a notebook is read as JSON. Raises InputRejected for invalid JSON.
    """
    data = source.read()
    check_width(source, data)
    text, warnings = decode(data)
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        return read_json(source)
    cells = _cells(notebook)
    if not cells:
        return read_json(source)
    writer = Writer(source)
    for sentence in warnings:
        writer.warn(sentence)
    images = 0
    for cell in cells:
        text = _joined(cell.get("source", cell.get("input")))
        if cell.get("cell_type") in ("code", "raw"):
            writer.code(text)
        elif cell.get("cell_type") == "heading":
            level = cell.get("level")
            writer.heading(level if isinstance(level, int) else 1, text)
        else:
            writer.include(Reading(text))
        images += sum(_put_output(source, writer, output) for output in _dicts(cell.get("outputs")))
    if images:
        writer.warn(_about_images(images))
    return writer.reading()


def _cells(notebook: Json) -> list[dict[str, Json]]:
    if not isinstance(notebook, dict):
        return []
    sheets = _dicts(notebook.get("worksheets"))  # format 3
    return [cell for holder in [notebook, *sheets] for cell in _dicts(holder.get("cells"))]


def _put_output(source: Source, writer: Writer, output: dict[str, Json]) -> bool:
    """Writes an output as plain text, else as markdown or a page. Returns whether it is an image without text."""
    data = output.get("data", output)
    kinds = data if isinstance(data, dict) else {}
    text = _joined(output.get("text")) or _joined(output.get("traceback"), "\n")
    text = text or _joined(kinds.get("text/plain"))
    markdown = _joined(kinds.get("text/markdown")) or _joined(kinds.get("text/latex"))
    page = _joined(kinds.get("text/html"))
    if (markdown or page) and (not text or _STAND_IN.fullmatch(text)):
        if markdown:
            writer.include(Reading(markdown))
        else:
            _put_page(source, writer, page)
        return False
    is_image = any(str(kind).startswith("image/") or kind in ("png", "jpeg", "svg") for kind in kinds)
    if is_image and text.startswith("<") and text.endswith(">"):
        text = ""  # "<Figure size 640x480 with 1 Axes>" stands for the image
    if output.get("output_type") in ("error", "pyerr") and not text:
        text = f"{output.get('ename', '')}: {output.get('evalue', '')}"
    writer.code(text)
    return is_image and not text


def _put_page(source: Source, writer: Writer, page: str) -> None:
    """Writes the text of a page; its source if it cannot be read."""
    try:
        writer.include(read_page(source, page.encode("utf-8-sig", "replace")))
    except InputRejected:
        writer.code(page)


def _about_images(number: int) -> str:
    images = "1 image has" if number == 1 else f"{number:,} images have"
    return f"{images} no readable text: text recognition (OCR) is not available."


def _joined(lines: Json, between: str = "") -> str:
    if isinstance(lines, list):
        return between.join(line for line in lines if isinstance(line, str))
    return lines if isinstance(lines, str) else ""


def _dicts(values: Json) -> list[dict[str, Json]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
