"""Good files changed at random, the same for the same seed: bytes, members of a container, attributes, elements."""

import random
import re
import time
from collections.abc import Sequence
from pathlib import Path

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.parsers import parse
from tests.unit.parsers.hostile import members
from tests.unit.parsers.samples import archive

_SECONDS = 60
_WILD = (b"", b"-1", b"0", b"99999999999999999999", b"x" * 50, b"A0:ZZZ9", b"1e9", "ＡＢ²".encode(), b"%s", b"none", b"true", b"../..")  # fmt: skip
_VALUE = re.compile(rb'(?<==")[^"]*(?=")|(?<=\\[a-z])-?\d+|(?<=<)/?\w+:\w[\w-]*')
"""Values of attributes, names of elements, and numbers of control words in rich text."""
_EMPTY = re.compile(rb"<[\w:]+[^<>]*/>")
_NAME = re.compile(rb"<(\w+:\w+)[ />]")


def survives(directory: Path, good: Sequence[bytes], name: str, *, times: int, seed: int = 7) -> None:
    """Asserts that each of so many spoilt files is read, or refused with a sentence that names it, and soon."""
    chance = random.Random(seed)
    path = directory / "upload"
    for _ in range(times):
        path.write_bytes(_spoilt(chance.choice(good), chance))
        start = time.process_time()
        try:
            outcome = parse(path, name, Limits()).markdown
        except InputRejected as refusal:
            outcome = str(refusal) if str(refusal).startswith(f"'{name}' ") else ""
        assert outcome
        assert time.process_time() - start < _SECONDS


def _spoilt(data: bytes, chance: random.Random) -> bytes:
    if not data.startswith(b"PK"):
        return chance.choice((_with_other_bytes, _with_other_bytes, _with_other_values))(data, chance)
    if chance.random() < 0.2:
        return _with_other_bytes(data, chance)
    found = members(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        name = chance.choice(list(found))
        if len(found) > 1 and chance.random() < 0.1:
            del found[name]
        else:
            found[name] = _changed(found[name], found, chance)
    return archive(found)


def _changed(part: bytes, found: dict[str, bytes], chance: random.Random) -> bytes:
    kind = chance.randrange(6)
    if kind == 0:
        return b""
    if kind == 1:
        return chance.choice(list(found.values()))
    if kind == 2:
        return _with_other_bytes(part, chance)
    if kind == 3:
        return _EMPTY.sub(lambda match: b"" if chance.random() < 0.2 else match[0], part)
    if kind == 4:
        names = _NAME.findall(part) or [b"w:p"]
        one, other = chance.choice(names), chance.choice(names)
        return re.sub(rb"(</?)" + re.escape(one) + rb"(?=[ />])", lambda match: match[1] + other, part)
    return _with_other_values(part, chance)


def _with_other_bytes(data: bytes, chance: random.Random) -> bytes:
    """Bytes flipped, lost or repeated, or the file cut."""
    if chance.random() < 0.1:
        return data[: chance.randrange(len(data) + 1)]
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20, 200))):
        at = chance.randrange(len(changed) + 1)
        kind = chance.random()
        if kind < 0.8:
            changed[at : at + 1] = bytes([chance.randrange(256)])
        elif kind < 0.9:
            del changed[at : at + chance.randint(1, 40)]
        else:
            changed[at:at] = changed[at : at + chance.randint(1, 60)] * chance.randint(1, 5)
    return bytes(changed)


def _with_other_values(data: bytes, chance: random.Random) -> bytes:
    spots = list(_VALUE.finditer(data))
    if not spots:
        return _with_other_bytes(data, chance)
    chosen = chance.sample(spots, min(len(spots), chance.choice((1, 3, 6, len(spots) // 3))))
    for spot in sorted(chosen, key=lambda match: -match.start()):
        wild = chance.choice(spots)[0] if chance.random() < 0.5 else chance.choice(_WILD)
        data = data[: spot.start()] + wild + data[spot.end() :]
    return data
