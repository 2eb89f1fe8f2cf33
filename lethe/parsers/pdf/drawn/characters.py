"""pdfium's functions about single characters, called as fast as ctypes allows."""

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as pdfium


def _direct(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A pdfium function without ctypes' checks, which would take two thirds of the time for a page's characters."""
    address = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value
    return ctypes.CFUNCTYPE(result, *arguments)(address or 0)


_HANDLE, _INDEX = ctypes.c_void_p, ctypes.c_int
get_unicode = _direct("FPDFText_GetUnicode", ctypes.c_uint, _HANDLE, _INDEX)
get_object = _direct("FPDFText_GetTextObject", _HANDLE, _HANDLE, _INDEX)
loose_box = _direct("FPDFText_GetLooseCharBox", _INDEX, _HANDLE, _INDEX, _HANDLE)
tight_box = _direct("FPDFText_GetCharBox", _INDEX, _HANDLE, _INDEX, *[_HANDLE] * 4)
origin = _direct("FPDFText_GetCharOrigin", _INDEX, _HANDLE, _INDEX, _HANDLE, _HANDLE)


def as_object(address: int) -> Any:
    return ctypes.cast(address, pdfium.FPDF_PAGEOBJECT)
