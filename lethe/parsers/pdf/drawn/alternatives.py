"""Alternative texts of figures, from a page's structure tree."""

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

_MOST = 20_000
"""The most elements read from a page's structure tree."""
_LONGEST = 20_000


def alternative_texts(page: Any) -> dict[int, str]:
    """Alternative texts by the id of the marked content that they describe."""
    tree = pdfium.FPDF_StructTree_GetForPage(page)
    if not tree:
        return {}
    found: dict[int, str] = {}
    try:
        waiting = [
            pdfium.FPDF_StructTree_GetChildAtIndex(tree, number)
            for number in range(min(_MOST, max(0, pdfium.FPDF_StructTree_CountChildren(tree))))
        ]
        seen = 0
        while waiting and seen < _MOST:
            element = waiting.pop()
            seen += 1
            if not element:
                continue
            text = _text(element).strip()
            children = max(0, pdfium.FPDF_StructElement_CountChildren(element))
            if text:
                for number in range(min(_MOST, children)):
                    content = pdfium.FPDF_StructElement_GetChildMarkedContentID(element, number)
                    if content >= 0:
                        found.setdefault(content, text)
            room = max(0, _MOST - len(waiting))
            waiting += [
                pdfium.FPDF_StructElement_GetChildAtIndex(element, number)
                for number in range(min(room, children))
            ]
    finally:
        pdfium.FPDF_StructTree_Close(tree)
    return found


def _text(element: Any) -> str:
    size = pdfium.FPDF_StructElement_GetAltText(element, None, 0)
    if not 2 < size < _LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDF_StructElement_GetAltText(element, buffer, size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")
