"""Finds the layers of a PDF (optional content) that are off when it is opened. pdfium does not report them, so the
file's bytes are searched."""

import ctypes
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as pdfium

_MOST_BYTES = 16 << 20
"""The most bytes of compressed objects that are searched. Layers defined after that count as visible."""
_OBJECT = re.compile(rb"(?<!\d)(\d{1,9})\s+\d{1,5}\s+obj\b")
_PACKED = re.compile(rb"/Type\s*/ObjStm\b")
_STREAM = re.compile(rb"stream\r?\n")
_FIRST = re.compile(rb"/First\s+(\d{1,9})")
_NUMBERS = re.compile(rb"\d{1,9}")
_REFERENCE = re.compile(rb"(\d{1,9})\s+\d{1,5}\s+R")
_PROPERTIES = re.compile(rb"/OCProperties\b")
_OFF = re.compile(rb"/OFF\s*\[([^\]]{0,100000})\]")
_GROUP = re.compile(rb"/Type\s*/OCG\b")
_NAME = re.compile(rb"/Name\s*(?:\(((?:[^()\\]|\\.){0,1000})\)|<([0-9A-Fa-f\s]{0,2000})>)", re.DOTALL)
_LONGEST = 4_000


def hidden_layers(data: bytes) -> frozenset[str]:
    """The names of the layers that are off. Layers that share a name count only if all are off."""
    if b"/OCProperties" not in data and not _PACKED.search(data):
        return frozenset()
    objects = dict(_objects(data))
    off: set[int] = set()
    for body in objects.values():
        if _PROPERTIES.search(body) or b"/OCGs" in body:
            off |= {int(number) for lists in _OFF.findall(body) for number in _REFERENCE.findall(lists)}
    groups = {number: _name(body) for number, body in objects.items() if _GROUP.search(body)}
    shown = {name for number, name in groups.items() if number not in off}
    return frozenset(name for number, name in groups.items() if number in off and name and name not in shown)


def is_hidden(item: Any, hidden: frozenset[str]) -> bool:
    """Whether a drawn object belongs to one of the hidden layers."""
    for number in range(pdfium.FPDFPageObj_CountMarks(item)):
        mark = pdfium.FPDFPageObj_GetMark(item, number)
        if mark and _string(pdfium.FPDFPageObjMark_GetName, mark) == "OC":
            name = _string(
                lambda *rest: pdfium.FPDFPageObjMark_GetParamStringValue(rest[0], b"Name", *rest[1:]), mark
            )
            if name in hidden:
                return True
    return False


def _objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Numbers and bodies of the objects that may define or list layers, including compressed ones."""
    left = _MOST_BYTES
    starts = list(_OBJECT.finditer(data))
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(data)
        body = data[start.end() : min(end, start.end() + _LONGEST)]
        if b"/OC" in body:
            yield int(start[1]), body
        stream = _STREAM.search(body) if _PACKED.search(body) else None
        first = _FIRST.search(body) if stream else None
        if stream is None or first is None or left <= 0:
            continue
        try:
            unpacked = zlib.decompressobj().decompress(data[start.end() + stream.end() : end], left)
        except zlib.error:
            continue
        left -= len(unpacked)
        numbers = [int(n) for n in _NUMBERS.findall(unpacked[: int(first[1])])]
        places = [*numbers[1::2], len(unpacked)]
        for index, name in enumerate(numbers[0::2]):
            yield name, unpacked[int(first[1]) + places[index] : int(first[1]) + places[index + 1]]


def _name(body: bytes) -> str:
    found = _NAME.search(body)
    if found is None:
        return ""
    if found[2] is not None:
        digits = b"".join(found[2].split())
        raw = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    else:
        raw = re.sub(rb"\\([0-7]{1,3})|\\(.)", _unescaped, found[1], flags=re.DOTALL)
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "replace")
    return raw.decode("latin-1")


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 8) & 255]) if match[1] else match[2]


def _string(ask: Any, mark: Any) -> str:
    size = ctypes.c_ulong()
    buffer = (ctypes.c_ushort * 512)()
    if not ask(mark, buffer, 1024, size) or not 2 < size.value <= 1024:
        return ""
    return bytes(buffer)[: size.value - 2].decode("utf-16-le", "replace")
