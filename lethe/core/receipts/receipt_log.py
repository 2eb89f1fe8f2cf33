"""A company's whole receipt log: exporting it, and verifying an export or the stored log.

    {"kind":"erasure","seq":1,"previous":"000...","documents":[...],"hash":...,"signature":...}
    {"kind":"erasure","seq":2,"previous":<hash of 1>,...}
    {"kind":"scrub","seq":3,"previous":<hash of 2>,"covers":{"from":1,"to":2},"levels":["physical"],...}
    {"kind":"end","receipts":3,"last":<hash of 3>,"keys":{<id>:<public key>},"hash":...,"signature":...}

JSON Lines, each line canonical. The signed `commitment` binds `documents`; the last line makes it evident if receipts
are cut off the end.
"""

import base64
import binascii
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lethe.core.receipts.issue import moment
from lethe.core.receipts.keys import Keys, key_id, public_keys
from lethe.core.receipts.receipt import (
    GENESIS,
    Broken,
    canonical,
    commitment,
    keyed_hash,
    open_seal,
    parsed,
    seal,
)
from lethe.domain.json import Json
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.erasure import receipts
from lethe.store.erasure.receipts import FullEntry

END = "end"
SCRUB = "scrub"
PHYSICAL = "physical"


async def export(db: Database, keys: Keys, *, company_id: str) -> AsyncGenerator[bytes]:
    """The lines of a company's log in one snapshot, each with its line end. Close it if you stop early.

    Raises Broken if the stored log differs from what was signed, as far as that shows without the keys.
    """
    at = datetime.now(UTC)  # taken before the snapshot, so anything that the snapshot lacks came later
    key = await keys.in_use()
    public = {k.id: base64.b64encode(k.public_key).decode() for k in await keys.public()}
    seq, last = 0, GENESIS
    async with db.snapshot(company_id) as tx:
        async with aclosing(receipts.chain(tx)) as entries:
            async for entry in entries:
                seq, last = entry.seq, entry.hash
                yield canonical(_full(entry)) + b"\n"
        if lost := await receipts.without_entry(tx):
            raise Broken(
                f"{lost} receipts were removed from the database, but their document entries are still there"
            )
    facts = {
        "kind": END,
        "company_id": company_id,
        "receipts": seq,
        "last": last,
        "exported_at": moment(at),
        "keys": public,
    }
    yield canonical(seal(facts, seq=seq + 1, previous=last, key=key)) + b"\n"


async def tail(tx: Tx, *, after: int) -> list[bytes]:
    """The lines of a company's receipts after number `after`, each with its line end. Raises Broken."""
    async with aclosing(receipts.chain(tx, after=after)) as entries:
        return [canonical(_full(entry)) + b"\n" async for entry in entries]


def _full(entry: FullEntry) -> dict[str, Json]:
    """A stored receipt with its documents. Raises Broken if the indexed columns contradict it."""
    where = f"receipt {entry.seq}"
    try:
        link = parsed(entry.body.encode())
    except Broken as exc:
        raise Broken(f"{where}: {exc}") from exc
    said = (link.get("seq"), link.get("id"), link.get("hash"))
    if said != (entry.seq, str(entry.id), entry.hash):
        raise Broken(f"{where}: its columns in the database contradict its signed text")
    subject = link.get("subject") or {}
    columns = (subject.get("id"), link.get("scrubbed_at" if link.get("kind") == SCRUB else "erased_at"))
    if columns != (entry.subject_id, moment(entry.erased_at)):
        raise Broken(f"{where}: its columns in the database contradict its signed text")
    if link.get("kind") == "erasure":
        link["documents"] = entry.documents
    elif entry.documents:
        raise Broken(f"{where}: it lists documents, although it is not an erasure")
    return link


@dataclass(slots=True)
class Verifier:
    """Verifies the lines of one log, in order. `ended` is True after the last line.

    Args:
        trusted: the public keys to trust, by id.

    `company` is the company's name in the receipts, None if there are none. `erasures` counts the receipts of erasures;
    `logical` has the numbers of those that no scrub has confirmed yet, by finding none of their bytes. `out_of_scope`
    is everything that the receipts say they do not cover.
    """

    trusted: Mapping[str, Ed25519PublicKey]
    receipts: int = 0
    documents: int = 0
    erasures: int = 0
    logical: set[int] = field(default_factory=set[int])
    out_of_scope: dict[str, None] = field(default_factory=dict[str, None])
    last: str = GENESIS
    company_id: str | None = None
    company: str | None = None
    key_ids: set[str] = field(default_factory=set[str])
    exported_at: datetime | None = None
    ended: bool = False
    _lines: int = 0

    def line(self, line: bytes) -> dict[str, Json]:
        """Verify one line, without its line end, and return it as an object.

        Raises:
            Broken: the message names the line.
        """
        self._lines += 1
        try:
            return self._line(line)
        except Broken as exc:
            raise Broken(f"line {self._lines}, after receipt {self.receipts}: {exc}") from exc
        except (KeyError, TypeError, AttributeError) as exc:
            raise Broken(
                f"line {self._lines}, after receipt {self.receipts}: it is not a receipt ({exc!r})"
            ) from exc

    def end(self) -> None:
        """Note that there are no more lines. Raises Broken if the log's last line is missing."""
        if not self.ended:
            raise Broken(
                f"after receipt {self.receipts}: the last line of the log is missing, and receipts may be too"
            )

    def _line(self, line: bytes) -> dict[str, Json]:
        if self.ended:
            raise Broken("something follows the last line of the log")
        link = parsed(line)
        documents = link.pop("documents", None)
        if self.company_id not in (None, link["company_id"]):
            raise Broken("it belongs to another company")
        if link["seq"] != self.receipts + 1 or link["previous"] != self.last:
            raise Broken(
                f"it claims to be receipt {link['seq']} after {str(link['previous'])[:12]}: receipts are missing"
            )
        open_seal(link, self.trusted)
        self.company_id = link["company_id"]
        self.company = link.get("company", self.company)
        self.key_ids.add(link["key_id"])
        if link["kind"] == END:
            self._end(link, documents)
            return link
        if link["kind"] == "erasure":
            self._documents(link, documents)
            self.erasures += 1
            self.logical.add(link["seq"])
        elif documents is not None:
            raise Broken("it lists documents, although it is not an erasure")
        if link["kind"] == SCRUB:
            self._scrub(link)
        self.out_of_scope |= dict.fromkeys(link.get("out_of_scope") or ())
        self.receipts, self.last = link["seq"], link["hash"]
        return {**link, "documents": documents} if documents is not None else link

    def _end(self, link: Mapping[str, Json], documents: Json) -> None:
        if (link["receipts"], link["last"]) != (self.receipts, self.last):
            raise Broken("it does not end this log")
        if documents is not None:
            raise Broken("it lists documents, although it is not an erasure")
        if "exported_at" in link:
            self.exported_at = _time(link["exported_at"])
        self.ended = True

    def _scrub(self, link: Mapping[str, Json]) -> None:
        covered = link["covers"]
        if not 1 <= covered["from"] <= covered["to"] <= self.receipts:
            raise Broken("it covers receipts that are not before it")
        if PHYSICAL in link["levels"]:
            if link["bytes_found_after"] != 0:
                raise Broken("it says that bytes are left")
            self.logical -= set(range(covered["from"], covered["to"] + 1))

    def _documents(self, link: Mapping[str, Json], documents: Json) -> None:
        if not isinstance(documents, list) or commitment(documents) != link["commitment"]:
            raise Broken("its document entries are not those that were signed")
        self.documents += len(documents)


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as exc:
        raise Broken("its time is not valid") from exc


def keys_of_end(line: bytes) -> dict[str, Ed25519PublicKey]:
    """The public keys listed in the last line of a log. Raises Broken."""
    try:
        link = parsed(line)
        stored = {str(id): base64.b64decode(text, validate=True) for id, text in link["keys"].items()}
        keys = public_keys(stored)
    except (KeyError, TypeError, AttributeError, ValueError, binascii.Error) as exc:
        raise Broken("the last line of the log is missing or lists no keys") from exc
    if any(key_id(raw) != id for id, raw in stored.items()):
        raise Broken("the last line of the log gives a key the id of another")
    return keys


def names(
    link: Mapping[str, Json], *, salts: Mapping[str, bytes], collection: str, artifact: str | None
) -> bool | None:
    """Whether a receipt covers a document with these names, or (without `artifact`) a whole collection.

    Args:
        salts: the company's secrets by id.

    Returns:
        None if unknown, because `salts` lacks the one that the receipt's names are hashed with.
    """
    subject, salt_id = link.get("subject"), link.get("salt_id")
    if subject is None:
        return False
    if salt_id is not None and salt_id not in salts:
        return None
    salt = salts[salt_id] if salt_id is not None else None
    if artifact is None:
        return bool(subject["name"] == keyed_hash(salt, subject["id"], collection))
    return any(
        document["name"] == keyed_hash(salt, document["id"], collection, artifact)
        for document in link.get("documents") or ()
    )
