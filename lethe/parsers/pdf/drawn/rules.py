"""The horizontal and vertical lines of a page, which may rule tables, and its images and bullets."""

import ctypes
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from lethe.parsers.pdf.drawn.annotations import Box

_THIN = 3.0
"""In points. A box no thicker than this is a line."""
_SHORTEST = 4.0
_MOST_OBJECTS = 20_000
_MOST_SEGMENTS = 12_000
"""The most corners of shapes that are examined. Maps and drawings have more, and no tables."""
_DEEPEST = 4

_DOT, _RING = (1.5, 14.0), 6.5
"""The smallest and largest side, in points, of a list bullet drawn as a shape or image; and the width from which an
unfilled one is a check box."""

Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(slots=True, frozen=True, order=True)
class Rule:
    """A line at `at`, from `start` to `end`. `at` is the height of a level line, or the x position of an upright
    one."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Drawing:
    """Level and upright lines, the sizes in points of images without alternative text, the number of shapes, and the
    alternative texts of figures with their places."""

    level: list[Rule]
    upright: list[Rule]
    images: list[tuple[float, float]]
    shapes: int = 0
    alternatives: list[tuple[str, Box]] = field(default_factory=list)
    dots: list[Box] = field(default_factory=list)
    """Small round or square marks, which may be bullets."""


class _TooMuch(Exception):
    """The page has too many objects or corners: it is a drawing."""


def drawing(page: Any, texts: dict[int, str]) -> Drawing:
    """What is drawn on the page besides text; without lines if there are too many shapes. `texts` are alternative texts
    of figures, by the id of their marked content."""
    found = Drawing([], [], [])
    walk = _Walk(found, dict(texts))
    count = pdfium.FPDFPage_CountObjects(page)
    try:
        for number in range(count):
            walk.object(pdfium.FPDFPage_GetObject(page, number), _SAME, _DEEPEST)
    except _TooMuch:
        found.level, found.upright = [], []
    found.level, found.upright = _merged(found.level), _merged(found.upright)
    return found


class _Walk:
    def __init__(self, found: Drawing, texts: dict[int, str]) -> None:
        self._found = found
        self._texts = texts
        self._told: set[int] = set()
        self._objects = self._segments = 0

    def object(self, item: Any, matrix: Matrix, depth: int) -> None:
        self._objects += 1
        if self._objects > _MOST_OBJECTS:
            raise _TooMuch
        kind = pdfium.FPDFPageObj_GetType(item)
        if self._texts and kind != pdfium.FPDF_PAGEOBJ_TEXT and self._has_text(item, matrix):
            return
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            self._path(item, matrix)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = _bounds(item, matrix)
            self._found.images.append((right - left, top - bottom))
            self._dot((left, bottom, right, top))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth:
            own = pdfium.FS_MATRIX()
            pdfium.FPDFPageObj_GetMatrix(item, own)
            inner = _product((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
            for number in range(pdfium.FPDFFormObj_CountObjects(item)):
                self.object(pdfium.FPDFFormObj_GetObject(item, number), inner, depth - 1)

    def _dot(self, box: Box) -> None:
        width, height = box[2] - box[0], box[3] - box[1]
        if all(_DOT[0] <= side <= _DOT[1] for side in (width, height)) and 0.5 < width / height < 2:
            self._found.dots.append(box)

    def _has_text(self, item: Any, matrix: Matrix) -> bool:
        """Whether an alternative text describes the drawing; it is placed at the first piece of the figure."""
        number = pdfium.FPDFPageObj_GetMarkedContentID(item)
        if number not in self._texts:
            return False
        if number not in self._told:
            self._found.alternatives.append((self._texts[number], _bounds(item, matrix)))
            self._told.add(number)
        return True

    def _path(self, item: Any, outer: Matrix) -> None:
        self._found.shapes += 1
        count = pdfium.FPDFPath_CountSegments(item)
        self._segments += count
        if self._segments > _MOST_SEGMENTS:
            raise _TooMuch
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDFPath_GetDrawMode(item, fill, stroke)
        own = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(item, own)
        matrix = _product((own.a, own.b, own.c, own.d, own.e, own.f), outer)
        box = _bounds(item, outer)
        if fill.value or (stroke.value and box[2] - box[0] < _RING):
            self._dot(box)
        for points in _polygons(item, count, matrix):
            xs, ys = [x for x, _ in points], [y for _, y in points]
            left, right, bottom, top = min(xs), max(xs), min(ys), max(ys)
            if right - left <= _THIN < top - bottom:
                self._found.upright.append(Rule((left + right) / 2, bottom, top))
            elif top - bottom <= _THIN < right - left:
                self._found.level.append(Rule((bottom + top) / 2, left, right))
            elif stroke.value:
                self._edges(points)

    def _edges(self, points: list[tuple[float, float]]) -> None:
        for (x0, y0), (x1, y1) in pairwise(points):
            if abs(x1 - x0) < 0.5 < abs(y1 - y0):
                self._found.upright.append(Rule((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
            elif abs(y1 - y0) < 0.5 < abs(x1 - x0):
                self._found.level.append(Rule((y0 + y1) / 2, min(x0, x1), max(x0, x1)))


def crosses(upright: Sequence[Rule], x0: float, x1: float, y: float) -> bool:
    """Whether one of the lines, sorted from left to right, is between `x0` and `x1` at height `y`."""
    first, end = (bisect(upright, x, key=lambda rule: rule.at) for x in (x0, x1))
    return any(rule.start <= y <= rule.end for rule in upright[first:end])


def _polygons(item: Any, count: int, matrix: Matrix) -> Iterable[list[tuple[float, float]]]:
    """The corners of each part of a path. Paths with curves do not belong to tables and are left out."""
    points: list[tuple[float, float]] = []
    curved = False
    x, y = ctypes.c_float(), ctypes.c_float()
    for number in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(item, number)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if len(points) > 1 and not curved:
                yield points
            points, curved = [], False
        curved |= kind == pdfium.FPDF_SEGMENT_BEZIERTO
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        points.append(_moved(matrix, x.value, y.value))
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if len(points) > 1 and not curved:
        yield points


def _merged(rules: list[Rule]) -> list[Rule]:
    """Joins lines that were drawn in pieces or twice, and drops short ones."""
    out: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.at / 1.5), rule.start)):
        last = out[-1] if out else None
        if last and abs(last.at - rule.at) < 2.0 and rule.start <= last.end + _THIN:
            out[-1] = Rule(last.at, last.start, max(last.end, rule.end))
        else:
            out.append(rule)
    return [rule for rule in out if rule.end - rule.start >= _SHORTEST]


def _bounds(item: Any, matrix: Matrix) -> Box:
    """Left, bottom, right, top on the page."""
    sides = [ctypes.c_float() for _ in range(4)]
    pdfium.FPDFPageObj_GetBounds(item, *sides)
    left, bottom, right, top = (side.value for side in sides)
    (x0, y0), (x1, y1) = _moved(matrix, left, bottom), _moved(matrix, right, top)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _moved(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    x, y = _moved(outer, e, f)
    oa, ob, oc, od, _, _ = outer
    return a * oa + b * oc, a * ob + b * od, c * oa + d * oc, c * ob + d * od, x, y
