"""Restores a backup: verify it, fill an empty database, erase what was erased since, put the originals back.

The caller must keep servers off the data directory until this has ended.
"""

import asyncio
import base64
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lethe.adapters.archive import Archive
from lethe.core.access import companies
from lethe.core.backup import manifest as manifests
from lethe.core.backup import replay
from lethe.core.backup.create import Tell
from lethe.core.backup.manifest import Manifest, original_file
from lethe.core.backup.replay import Replayed
from lethe.core.context import Context
from lethe.core.receipts.keys import public_keys
from lethe.domain.errors import Conflict, OperatorError
from lethe.store.erasure import receipt_keys, replays
from lethe.store.erasure.receipt_keys import StoredKey
from lethe.store.postgres import dump, migrate

_FILES_AT_ONCE = 8


class Restore:
    """A verified backup, with the receipts that are newer than it.

    Args:
        files: output of `lethe receipts export`, one company each.
        keys: public keys to trust besides those in the backup, by id.

    `reached` is the time of each company's newest file, by company id.

    Raises:
        OperatorError: the backup is incomplete or of a newer version, or a file does not continue its receipts.
        Broken: the receipts do not verify.
    """

    def __init__(self, archive: Archive, files: Sequence[Path], keys: Mapping[str, Ed25519PublicKey]) -> None:
        self._archive = archive
        archive.check()
        self.manifest = manifests.read(archive)
        _require_known(self.manifest)
        named = {id: base64.b64decode(text) for id, text in self.manifest.keys.items()}
        self._files = files
        self._keys = keys
        self._trusted = {**keys, **public_keys(named)}
        self.reached: dict[str, datetime] = {}
        for _ in replay.new_links(self.manifest, archive, files, self._trusted, self.reached):
            pass  # verify all of them before doing anything

    def known_until(self) -> list[tuple[str, datetime, bool]]:
        """For each company with documents in the backup: its name, the time up to which its erasures are known, and
        whether that is later than the backup."""
        end = self.manifest.ended_at
        times = [
            (c.name, max(end, self.reached.get(c.id, end))) for c in self.manifest.companies if c.documents
        ]
        return [(name, time, time > end) for name, time in times]

    async def fill(self, admin: str) -> None:
        """Fill an empty database. `admin` is the conninfo of a role that may create everything in it."""
        await dump.load(admin, self._archive.path(manifests.DATABASE))

    async def conclude(self, ctx: Context, tell: Tell) -> Replayed:
        """Erase what was erased since the backup, and put back the originals of the rest."""
        async with ctx.db.system() as conn:
            await replays.release(conn)
            for id, key in self._keys.items():
                await receipt_keys.record(conn, key=StoredKey(id, key.public_bytes_raw(), None))
        links = replay.new_links(self.manifest, self._archive, self._files, self._trusted, self.reached)
        done = await replay.replay(ctx, links)
        await replay.finish_erasures(ctx, self.manifest, done)
        for company_id in (await companies.ids(ctx.db)).values():
            async with ctx.db.transaction(company_id) as tx:
                originals = await dump.originals(tx.conn, company_id=company_id)
            await self._put(ctx, {o.key for o in originals}, tell)
        return done

    async def _put(self, ctx: Context, keys: Collection[str], tell: Tell) -> None:
        left = iter(sorted(keys))

        async def put() -> None:
            for key in left:
                name = original_file(key)
                if name not in self._archive:
                    tell(f"warning: the backup lacks the original {key}; its document keeps its text")
                    continue
                try:
                    await ctx.blobs.put(key, self._archive.path(name))
                except Conflict:  # a bucket that outlived its database: the verified copy wins
                    await ctx.blobs.delete(key)
                    await ctx.blobs.put(key, self._archive.path(name))

        await asyncio.gather(*(put() for _ in range(_FILES_AT_ONCE)))


def _require_known(manifest: Manifest) -> None:
    known = {m.name: m.hash for m in migrate.migrations()}
    if any(known.get(name) != hash for name, hash in manifest.migrations.items()):
        raise OperatorError(
            f"The backup was made by Lethe {manifest.lethe}, whose migrations this version does not have: "
            "use that version or a newer one."
        )
