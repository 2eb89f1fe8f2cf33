"""Good files changed at random, from a seed: bytes, members and attributes."""

import contextlib
import io
import random
import re
import time
import zipfile
from pathlib import Path

from lethe.adapters.parsers import parse
from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits

_SECONDS = 3.0
_WILD = ["", "0", "-1", "99999999999", "x", "1e9", "ＡＢ", "%s", "none", "true", "../..", "²"]


def survives(directory: Path, data: bytes, name: str, *, times: int) -> None:
    """Asserts that each of so many changed files is read or refused, and soon."""
    chance = random.Random(name)
    path = directory / "upload"
    for _ in range(times):
        path.write_bytes(_changed(data, chance))
        start = time.process_time()
        with contextlib.suppress(InputRejected):
            assert isinstance(parse(path, name, Limits()).markdown, str)
        assert time.process_time() - start < _SECONDS


def _changed(data: bytes, chance: random.Random) -> bytes:
    if not data.startswith(b"PK"):
        return (
            _with_other_attributes(data, chance) if chance.random() < 0.5 else _with_other_bytes(data, chance)
        )
    if chance.random() < 0.2:
        return _with_other_bytes(data, chance)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(list(members))
    change = chance.randrange(4)
    if change == 0:
        del members[name]
    elif change == 1:
        members[name] = _with_other_bytes(members[name], chance)
    else:
        members[name] = _with_other_attributes(members[name], chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for member, content in members.items():
            made.writestr(member, content)
    return out.getvalue()


def _with_other_bytes(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(changed))
        kind = chance.randrange(3)
        if kind == 0:
            changed[at] = chance.randrange(256)
        elif kind == 1:
            del changed[at : at + chance.randint(1, 40)]
        else:
            piece = changed[at : at + chance.randint(1, 60)]
            changed[at:at] = piece * chance.randint(1, 5)
        if not changed:
            return data
    return bytes(changed)


def _with_other_attributes(data: bytes, chance: random.Random) -> bytes:
    """XML whose attributes have other values or elements other names; rtf whose words have other numbers."""
    text = data.decode("utf-8", "replace")
    spots = [*re.finditer(r'(?<==")[^"]*(?=")|(?<=\\[a-z])-?\d+|(?<=<)/?\w+:\w[\w-]*', text)]
    for spot in sorted(
        chance.sample(spots, min(len(spots), chance.randint(1, 6))), key=lambda match: -match.start()
    ):
        wild = chance.choice(spots)[0] if chance.random() < 0.5 else chance.choice(_WILD)
        text = text[: spot.start()] + wild + text[spot.end() :]
    return text.encode()
