"""`lethe receipts`: export a company's receipts, and verify them without a server or database."""

import sys
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cyclopts import App

from lethe.cli import terminal
from lethe.cli.context import with_context
from lethe.cli.deletion.given_files import read_salts, trusted_keys
from lethe.cli.terminal import Flag, Flags
from lethe.core.access import companies
from lethe.core.context import Context
from lethe.core.receipts import receipt_log, salts
from lethe.core.receipts.keys import pem, public_keys
from lethe.core.receipts.receipt import Broken
from lethe.domain.errors import InvalidRequest, OperatorError
from lethe.domain.json import Json

app = App(name="receipts", help="Export and verify the receipts that prove erasures.")

NOT_MENTIONED = 3
"""The exit code if all receipts are valid but none names what was asked for."""

_START = b'{"'
"""How every export begins."""


@dataclass(frozen=True, slots=True)
class _Sought:
    """A document or a whole collection to find in receipts, by its names hashed under one of `salts`."""

    company: str | None
    collection: str | None
    artifact: str | None
    salts: Mapping[str, bytes] = field(repr=False)

    def __str__(self) -> str:
        if self.artifact is not None:
            return f"the document {self.artifact!r} of the collection {self.collection!r}"
        return f"the collection {self.collection!r} as a whole"

    def found_in(self, link: Mapping[str, Json]) -> bool | None:
        """Whether the receipt names what is sought; None if that cannot be known without another salt."""
        if self.collection is None:
            return False
        return receipt_log.names(link, salts=self.salts, collection=self.collection, artifact=self.artifact)


@dataclass(slots=True)
class _Count:
    """How many receipts name what is sought (`found`), and for how many that cannot be known (`hidden`)."""

    found: int = 0
    hidden: int = 0

    def add(self, found: bool | None) -> None:
        self.found += found is True
        self.hidden += found is None


@app.command
def export(*, company: str, settings: Flags | None = None) -> None:
    """Write a company's receipts to standard output, as JSON Lines in the order of the log.

    Parameters
    ----------
    company
        The company whose receipts to export.
    """

    async def use(ctx: Context) -> None:
        company_id = await companies.id_of(ctx.db, company)
        async with aclosing(receipt_log.export(ctx.db, ctx.keys, company_id=company_id)) as lines:
            async for line in lines:
                sys.stdout.buffer.write(line)

    with_context(settings, use)
    sys.stdout.buffer.flush()


@app.command
def key(*, settings: Flags | None = None) -> None:
    """Print the public key that verifies receipts, in PEM. Store it apart from the receipts."""

    async def use(ctx: Context) -> str:
        current = await ctx.keys.in_use()
        return next(pem(k.public_key) for k in await ctx.keys.public() if k.id == current.id)

    terminal.line(with_context(settings, use).rstrip())


@app.command
def salt(*, company: str, settings: Flags | None = None) -> None:
    """Print the secret with which a company's receipts hash names. With it, anyone can test guesses of names.

    Parameters
    ----------
    company
        The company whose secret to print.
    """

    async def use(ctx: Context) -> str:
        company_id = await companies.id_of(ctx.db, company)
        return (await salts.own(ctx.db, company_id=company_id)).hex()

    terminal.line(with_context(settings, use))


@app.command
def verify(
    file: Path | None = None,
    *,
    all: Flag = False,
    key: list[str] | None = None,
    salt: list[Path] | None = None,
    company: str | None = None,
    collection: str | None = None,
    artifact: str | None = None,
    settings: Flags | None = None,
) -> None:
    """Check that no receipt was changed, removed or inserted.

    Exits with 1 if one was, and with 3 if all are valid but none names what was asked for. Checking a file needs no
    server and no database.

    Parameters
    ----------
    file
        The output of 'lethe receipts export'.
    all
        Check the stored receipts of every company instead of a file.
    key
        The public key to trust: base64, PEM, or a file with either. May be given several times. Without it the keys
        that the file names are used, and you must compare their ids with ones you trust.
    salt
        A file with the output of 'lethe receipts salt' or of GET /v1/receipts/salt. May be given several times.
        Needed to find names in a file of receipts.
    company
        Refuse receipts of any other company.
    collection
        Show the receipts that name this collection as a whole, or its document given with --artifact.
    artifact
        Show the receipts that name this document.
    """
    if (file is None) is not all:
        raise InvalidRequest("Name a file, or give --all to check the stored receipts.")
    if artifact is not None and collection is None:
        raise InvalidRequest("--artifact needs --collection.")
    sought = _Sought(company, collection, artifact, read_salts(salt))
    trusted = trusted_keys(key)
    try:
        if file is not None:
            count = _verify_file(file, trusted, sought)
        else:
            count = with_context(settings, lambda ctx: _verify_stored(ctx, trusted, sought))
    except Broken as exc:
        raise Broken(f"The receipts are not valid. {exc}.") from exc
    _conclude_search(count, sought)


def _conclude_search(count: _Count, sought: _Sought) -> None:
    """Exit with NOT_MENTIONED when no receipt names what is sought; refuse when that cannot be known."""
    if count.hidden:
        raise InvalidRequest(
            f"{count.hidden} receipts may name {sought}, but their names are hashed with a salt that was not given: "
            "save the output of 'lethe receipts salt' in a file, and pass the file with --salt."
        )
    if sought.collection is not None and not count.found:
        terminal.line(f"No receipt names {sought}: they prove nothing about it")
        sys.exit(NOT_MENTIONED)


def _verify_file(file: Path, trusted: Mapping[str, Ed25519PublicKey], sought: _Sought) -> _Count:
    try:
        with file.open("rb") as lines:
            _require_export(file, lines)
            return _verify_lines(lines, trusted, sought)
    except OSError as exc:
        raise OperatorError(f"{file} cannot be read: {exc.strerror}.") from exc


def _verify_lines(lines: BinaryIO, trusted: Mapping[str, Ed25519PublicKey], sought: _Sought) -> _Count:
    verifier = receipt_log.Verifier(trusted or receipt_log.keys_of_end(_last_line(lines)))
    count = _Count()
    for line in lines:
        if not line.endswith(b"\n"):
            raise Broken(f"after receipt {verifier.receipts}: the last line is incomplete")
        count.add(_tell(verifier.line(line[:-1]), sought))
    _conclude(verifier, sought)
    if not trusted:
        terminal.line(
            "Only checked against keys named in the file itself: compare their ids with those you trust."
        )
    return count


async def _verify_stored(ctx: Context, trusted: Mapping[str, Ed25519PublicKey], sought: _Sought) -> _Count:
    keys = trusted or public_keys({key.id: key.public_key for key in await ctx.keys.public()})
    broken: list[str] = []
    count = _Count()
    for name, company_id in (await companies.ids(ctx.db)).items():
        if sought.company not in (None, name):
            continue
        terminal.line(f"company {name}")
        try:
            await _verify_company(ctx, company_id, receipt_log.Verifier(keys), sought, count)
        except Broken as exc:  # still check the others
            broken.append(f"company {name}: {exc}")
    if broken:
        raise Broken("; ".join(broken))
    return count


async def _verify_company(
    ctx: Context, company_id: str, verifier: receipt_log.Verifier, sought: _Sought, count: _Count
) -> None:
    own = await salts.own(ctx.db, company_id=company_id)
    sought = replace(sought, salts={**sought.salts, salts.salt_id(own): own})
    async with aclosing(receipt_log.export(ctx.db, ctx.keys, company_id=company_id)) as lines:
        async for line in lines:
            count.add(_tell(verifier.line(line[:-1]), sought))
    _conclude(verifier, sought)


def _tell(link: Mapping[str, Json], sought: _Sought) -> bool | None:
    found = sought.found_in(link)
    if found:
        terminal.line(f"receipt {link['id']} (number {link['seq']}): invisible {link['invisible_at']}, "
                    f"erased {link['erased_at']}, asked for by {link['requested_by']}")  # fmt: skip
    return found


def _conclude(verifier: receipt_log.Verifier, sought: _Sought) -> None:
    verifier.end()
    if sought.company is not None and verifier.company not in (None, sought.company):
        raise Broken(f"they belong to the company '{verifier.company}', not to '{sought.company}'")
    if verifier.exported_at is not None:
        of = f"company '{verifier.company}'" if verifier.company else f"company {verifier.company_id}"
        terminal.line(f"of {of}, as of {verifier.exported_at:%Y-%m-%d %H:%M:%S} UTC")
    keys = ", ".join(sorted(verifier.key_ids))
    terminal.line(
        f"{verifier.receipts} receipts of {verifier.documents} documents are valid, signed with {keys}"
    )
    if verifier.erasures:
        gone = verifier.erasures - len(verifier.logical)
        terminal.line(f"{gone} of {verifier.erasures} erasures are gone from the disk too, by scrubs")
    for outside in verifier.out_of_scope:
        terminal.line(f"Not covered: {outside}")


def _require_export(file: Path, lines: BinaryIO) -> None:
    """Raise OperatorError for a file that is not an export at all, so that it is not reported as a forged one."""
    start = lines.read(len(_START))
    lines.seek(0)
    if not start:
        raise OperatorError(f"{file} cannot be checked: it is empty.")
    if start != _START:
        raise OperatorError(f"{file} cannot be checked: it is not an export of receipts.")


def _last_line(lines: BinaryIO) -> bytes:
    """The last line of a file, without its line end; reads at most 1 MB."""
    size = lines.seek(0, 2)
    lines.seek(max(0, size - 1_000_000))
    tail = lines.read()
    lines.seek(0)
    return tail.rstrip(b"\n").rsplit(b"\n", 1)[-1]
