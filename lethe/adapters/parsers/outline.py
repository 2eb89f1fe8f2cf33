"""JSON and XML as an outline of `key: value` lines, which keeps words apart and stays near to the file.

Escapes of JSON ("\\n", "\\u00f1") would run into the words next to them in a search index.
"""

import orjson

from lethe.adapters.parsers import markup
from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.source import Reading, Source
from lethe.adapters.parsers.text import clean, decode

MOST_VALUES = 5_000_000
"""Values of one JSON file: about 500 MB as Python objects."""


def read_json(source: Source) -> Reading:
    """The outline of a JSON file in a code block. Raises InputRejected if it is not JSON, is
    nested deeper than `markup.DEEPEST` or has more than `MOST_VALUES` values."""
    data = source.read()
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MOST_VALUES:
        raise source.rejected(f"holds more than {MOST_VALUES:,} values: split it")
    text, warnings = decode(source, data)
    del data
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        if "depth" in str(exc) or "recursion" in str(exc).lower():  # orjson stops at 1,024 levels
            markup.check_depth(source, markup.DEEPEST + 1)
        raise source.rejected(f"is damaged: it is not valid JSON ({exc})") from exc
    del text
    lines = Writer(source)
    _put_value(source, lines, value, 0, "")
    return _coded(source, lines, warnings)


def read_xml_file(source: Source) -> Reading:
    """The outline of an XML file in a code block: elements and attributes by name, with their text."""
    data = source.read().lstrip()
    if data.count(b"<") > 2 * markup.MOST_ELEMENTS:
        raise source.rejected(f"holds more than {markup.MOST_ELEMENTS:,} elements: split it")
    writer = Writer(source)
    depth = 0
    texts: list[str] = []
    opened: str | None = None

    def flush() -> None:
        nonlocal opened
        words = " ".join("".join(texts).split())
        texts.clear()
        if opened is not None:
            _put(writer, depth - 1, f"{opened}: {words}" if words else f"{opened}:")
        elif words:
            _put(writer, depth, words)
        opened = None

    def start(name: str, attributes: list[str]) -> None:
        nonlocal depth, opened
        flush()
        depth += 1
        markup.check_depth(source, depth)
        opened = name
        if attributes:
            flush()
            for key, value in zip(attributes[::2], attributes[1::2], strict=True):
                _put(writer, depth, f"{key}: {value}")

    def end(_name: str) -> None:
        nonlocal depth
        flush()
        depth -= 1

    markup.read_xml(source, data, start=start, end=end, text=texts.append)
    return _coded(source, writer, ())


def _coded(source: Source, lines: Writer, warnings: tuple[str, ...]) -> Reading:
    writer = Writer(source)
    for sentence in warnings:
        writer.warn(sentence)
    writer.code(lines.text())
    return writer.reading()


def _put_value(source: Source, writer: Writer, value: object, depth: int, label: str) -> None:
    markup.check_depth(source, depth)
    if not isinstance(value, dict | list):
        _put(writer, depth, f"{label} {_scalar(value)}".strip())
        return
    if label:
        _put(writer, depth, label)
        depth += 1
    if isinstance(value, dict):
        for key, below in value.items():
            _put_value(source, writer, below, depth, f"{clean(key)}:")
    else:
        for below in value:
            _put_value(source, writer, below, depth, "-")


def _scalar(value: object) -> str:
    return clean(value) if isinstance(value, str) else orjson.dumps(value).decode()


def _put(writer: Writer, depth: int, line: str) -> None:
    indent = "  " * depth
    writer.write(indent + line.replace("\n", "\n" + indent) + "\n")
