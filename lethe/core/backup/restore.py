"""Using a backup: check all of it, fill an empty database, erase what was erased since, put the originals back.

Nothing of this is seen before its end: the caller keeps servers from the directory meanwhile.
"""

import asyncio
import base64
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lethe.adapters.archive import Archive
from lethe.core import access
from lethe.core.backup import manifest as manifests
from lethe.core.backup import replay
from lethe.core.backup.create import Tell
from lethe.core.backup.manifest import Manifest, original_file
from lethe.core.backup.replay import Replayed
from lethe.core.context import Context
from lethe.core.receipts.keys import public_keys, raw
from lethe.domain.errors import Conflict, OperatorError
from lethe.store.erasure import receipt_keys, replays
from lethe.store.erasure.receipt_keys import StoredKey
from lethe.store.postgres import dump, migrate

_FILES_AT_ONCE = 8


class Restore:
    """A backup that was found whole, with the receipts that are newer than it.

    Args:
        files: what `lethe receipts export` wrote, one company each.
        keys: public keys, by their ids, that signed receipts besides those that the backup names.

    `reached` is the time of the newest file of each company, by its id.

    Raises:
        OperatorError: the backup is not whole, is of a newer version, or a file does not continue its receipts.
        Broken: receipts do not hold.
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
            pass  # all of them are checked before anything is done

    def known_until(self) -> list[tuple[str, datetime, bool]]:
        """Each company that the backup has documents of: its name, up to when it is known what was erased of it, and
        whether that is later than the backup."""
        end = self.manifest.ended_at
        times = [
            (c.name, max(end, self.reached.get(c.id, end))) for c in self.manifest.companies if c.documents
        ]
        return [(name, time, time > end) for name, time in times]

    async def fill(self, admin: str) -> None:
        """Fill an empty database, seen by `admin`, a conninfo whose role may make everything in it."""
        await dump.load(admin, self._archive.path(manifests.DATABASE))

    async def conclude(self, ctx: Context, tell: Tell) -> Replayed:
        """Erase what was erased since the backup, and put the originals of the rest back."""
        async with ctx.db.system() as conn:
            await replays.release(conn)
            for id, key in self._keys.items():
                await receipt_keys.record(conn, key=StoredKey(id, raw(key), None))
        links = replay.new_links(self.manifest, self._archive, self._files, self._trusted, self.reached)
        done = await replay.replay(ctx, links)
        await replay.finish_erasures(ctx, self.manifest, done)
        for company_id in (await access.companies(ctx.db)).values():
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
                    tell(f"warning: the backup lacks the original {key}; its document's text is there")
                    continue
                try:
                    await ctx.blobs.put(key, self._archive.path(name))
                except Conflict:  # a bucket that outlived its database: what was checked here counts
                    await ctx.blobs.delete(key)
                    await ctx.blobs.put(key, self._archive.path(name))

        await asyncio.gather(*(put() for _ in range(_FILES_AT_ONCE)))


def _require_known(manifest: Manifest) -> None:
    known = {m.name: m.hash for m in migrate.migrations()}
    if any(known.get(name) != hash for name, hash in manifest.migrations.items()):
        raise OperatorError(
            f"The backup was made by Lethe {manifest.lethe}, whose database this version does not know: "
            "use that version or a newer one."
        )
