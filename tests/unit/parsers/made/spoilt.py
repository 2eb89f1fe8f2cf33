"""Good files with something wrong in them, the same for the same seed."""

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from lethe.adapters.parsers import parse
from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from tests.unit.parsers.hostile import members
from tests.unit.parsers.samples import archive

_VALUES = (b"", b"-1", b"0", b"99999999999999999999", b"x" * 50, b"A0:ZZZ9")
_ATTRIBUTE = re.compile(rb'(?<= )([\w:]+)="([^"]*)"')
_EMPTY = re.compile(rb"<[\w:]+[^<>]*/>")
_NAME = re.compile(rb"<(\w+:\w+)[ />]")


def outcome(path: Path, data: bytes, name: str) -> str:
    """The markdown of `data`, or the sentence with which it is refused, which names it. Anything else fails the test."""
    path.write_bytes(data)
    try:
        return parse(path, name, Limits()).markdown
    except InputRejected as refusal:
        return str(refusal) if str(refusal).startswith(f"'{name}' ") else ""


def containers(good: Sequence[bytes], *, seed: int, count: int) -> Iterator[bytes]:
    """Zip containers with bytes flipped or lost, members dropped, emptied, cut or swapped, attributes and elements changed."""
    chance = random.Random(seed)
    for _ in range(count):
        data = chance.choice(good)
        if chance.random() < 0.2:
            yield _flipped(data, chance)
            continue
        found = members(data)
        for _change in range(chance.choice((1, 1, 2, 4))):
            name = chance.choice(list(found))
            found[name] = _changed(found[name], found, chance)
            if chance.random() < 0.1:
                del found[name]
        yield archive(found)


def files(good: Sequence[bytes], *, seed: int, count: int) -> Iterator[bytes]:
    """Files with bytes flipped or lost, or cut."""
    chance = random.Random(seed)
    for _ in range(count):
        data = chance.choice(good)
        yield data[: chance.randrange(len(data))] if chance.random() < 0.1 else _flipped(data, chance)


def _flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20, 200))):
        at = chance.randrange(len(changed))
        if chance.random() < 0.9:
            changed[at] = chance.randrange(256)
        elif len(changed) > 100:
            del changed[at : at + chance.randint(1, 40)]
    return bytes(changed)


def _changed(part: bytes, found: dict[str, bytes], chance: random.Random) -> bytes:
    kind = chance.randrange(6)
    if kind == 0:
        return b""
    if kind == 1:
        return part[: chance.randrange(len(part) + 1)]
    if kind == 2:
        return chance.choice(list(found.values()))
    if kind == 3:
        return _EMPTY.sub(lambda match: b"" if chance.random() < 0.2 else match[0], part)
    if kind == 4:
        names = _NAME.findall(part) or [b"w:p"]
        one, other = chance.choice(names), chance.choice(names)
        return re.sub(rb"(</?)" + re.escape(one) + rb"(?=[ />])", lambda match: match[1] + other, part)
    return _ATTRIBUTE.sub(
        lambda match: match[0] if match[1].startswith(b"xmlns") or chance.random() < 0.7
        else match[1] + b'="' + chance.choice(_VALUES) + b'"',
        part,
    )  # fmt: skip
