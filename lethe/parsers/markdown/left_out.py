"""Counts what a reader leaves out, and reports it in full sentences."""

from collections import Counter, defaultdict
from collections.abc import Iterable

_MOST_NAMED = 10
_NOT_SHOWN = ("is", "are", "left out")
_ENDS = {
    "image": ("has", "have", "no readable text: text recognition (OCR) is not available"),
    "sheet": ("is", "are", "missing from the file"),
    "formula": ("has", "have", "no stored result: the formula itself is shown"),
}


class LeftOut(Counter[str]):
    """How many of each kind were left out. A kind is a noun: "image", "hidden sheet", "tracked deletion"."""

    def __init__(self) -> None:
        super().__init__()
        self._names: defaultdict[str, list[str]] = defaultdict(list)
        self._told: Counter[str] = Counter()

    def name(self, kind: str, name: str) -> None:
        """Counts one more of a kind, by name."""
        self[kind] += 1
        if len(self._names[kind]) < _MOST_NAMED:
            self._names[kind].append(name[:100])

    def embedded(self, kind: str) -> None:
        """Counts one more embedded object of a type that its program names."""
        self[f"embedded object of type {kind[:100]}"] += 1

    def also(self, sentence: str) -> None:
        """Reports what the reader of a part has left out, in its words."""
        self._told[sentence] += 1

    def damaged(self, parts: Iterable[str]) -> None:
        """Counts the parts of a container that could not be read, each once."""
        for part in sorted(set(parts)):
            self.name("damaged part", f"'{part}'")

    def sentences(self) -> list[str]:
        """One sentence for each kind: "2 hidden sheets are left out: 'Costs', 'Old'."."""
        told = []
        for kind, count in self.items():
            one, many, what = _ENDS.get(kind, _NOT_SHOWN)
            names = ", ".join(self._names[kind]) + ", ..." * (0 < len(self._names[kind]) < count)
            which = f": {names}" if names else ""
            subject = f"1 {kind} {one}" if count == 1 else f"{count:,} {_plural(kind)} {many}"
            if count:
                told.append(f"{subject} {what}{which}.")
        told += [sentence if n == 1 else f"{sentence} ({n:,} times)" for sentence, n in self._told.items()]
        return told


def _plural(kind: str) -> str:
    first, of, rest = kind.partition(" of ")
    return f"{first}s{of}{rest}"
