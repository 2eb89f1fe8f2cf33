"""A backup that is not whole, or receipts that are not its own, are refused before anything is done."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lethe.adapters.archive import Archive
from lethe.core.backup.restore import Restore
from lethe.core.receipts.keys import SigningKey, key_id
from lethe.core.receipts.receipt import GENESIS, Broken, canonical, parsed, seal
from lethe.domain.errors import LetheError, OperatorError
from tests.lifecycle.lost_server import Story


def change_a_byte(backup: Path) -> None:
    path = backup / "database.dump"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lose_an_original(backup: Path) -> None:
    next(p for p in (backup / "blobs").rglob("*") if p.is_file()).unlink()


def slip_a_file_in(backup: Path) -> None:
    (backup / "blobs" / "other").write_text("x")


def put_a_link_in_place(backup: Path) -> None:
    (backup / "database.dump").rename(backup.parent / "elsewhere")
    (backup / "database.dump").symlink_to(backup.parent / "elsewhere")


def cut_the_sums(backup: Path) -> None:
    text = (backup / "SHA256SUMS").read_text()
    (backup / "SHA256SUMS").write_text(text[:-10])


def do_not_end(backup: Path) -> None:
    (backup / "SHA256SUMS").unlink()


@pytest.mark.parametrize(
    "damage", [change_a_byte, lose_an_original, slip_a_file_in, put_a_link_in_place, cut_the_sums, do_not_end]
)
def test_a_backup_that_is_not_whole_is_refused(
    story: Story, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    backup = shutil.copytree(story.backup, tmp_path / "backup")
    damage(backup)
    with pytest.raises(OperatorError):
        Restore(Archive.open(backup), [], {})


def take_a_link_out(lines: list[bytes]) -> None:
    del lines[1]


def cut_the_end_off(lines: list[bytes]) -> None:
    del lines[-1]


def change_a_document(lines: list[bytes]) -> None:
    i = next(i for i, line in enumerate(lines) if parsed(line).get("documents"))
    link = parsed(lines[i])
    link["documents"][0]["id"] = "0" * 24
    lines[i] = canonical(link)


def sign_it_anew(lines: list[bytes]) -> None:
    lines[:] = signed_by(stranger(), lines)


@pytest.mark.parametrize("damage", [take_a_link_out, cut_the_end_off, change_a_document, sign_it_anew])
def test_receipts_that_do_not_hold_are_refused(
    story: Story, tmp_path: Path, damage: Callable[[list[bytes]], None]
) -> None:
    lines = story.receipts.read_bytes().splitlines()
    damage(lines)
    forged = tmp_path / "receipts.jsonl"
    forged.write_bytes(b"".join(line + b"\n" for line in lines))
    with pytest.raises(Broken, match="do not hold"):
        Restore(Archive.open(story.backup), [forged], {})


def test_receipts_of_another_chain_are_refused_whoever_signed_them(story: Story, tmp_path: Path) -> None:
    key = stranger()
    forged = tmp_path / "receipts.jsonl"
    lines = signed_by(key, story.receipts.read_bytes().splitlines())
    forged.write_bytes(b"".join(line + b"\n" for line in lines))
    with pytest.raises(LetheError, match="another installation"):
        Restore(Archive.open(story.backup), [forged], {key.id: key.private.public_key()})


def test_what_is_known_of_erasures_reaches_as_far_as_the_receipts_do(story: Story) -> None:
    without = Restore(Archive.open(story.backup), [], {})
    end = without.manifest.ended_at
    assert (story.company, end, False) in without.known_until()
    restore = Restore(Archive.open(story.backup), [story.receipts], {})
    exported = datetime.fromisoformat(parsed(story.receipts.read_bytes().splitlines()[-1])["exported_at"])
    assert (story.company, exported, True) in restore.known_until()
    late = msgspec.structs.replace(restore.manifest, ended_at=exported + timedelta(seconds=1))
    restore.manifest = late
    assert (story.company, late.ended_at, False) in restore.known_until()


def stranger() -> SigningKey:
    """A key that no Lethe knows."""
    private = Ed25519PrivateKey.generate()
    return SigningKey(key_id(private.public_key().public_bytes_raw()), private)


def signed_by(key: SigningKey, lines: list[bytes]) -> list[bytes]:
    """The same chain from the hands of somebody else."""
    previous, made = GENESIS, list[bytes]()
    for seq, line in enumerate(lines, 1):
        link: dict[str, Any] = parsed(line)
        documents = link.pop("documents", None)
        facts = {k: v for k, v in link.items() if k not in ("hash", "signature", "seq", "previous", "key_id")}
        if "last" in facts:
            facts["last"] = previous
        sealed = seal(facts, seq=seq, previous=previous, key=key)
        previous = sealed["hash"]
        made.append(canonical(sealed if documents is None else {**sealed, "documents": documents}))
    return made
