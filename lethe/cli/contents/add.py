"""`lethe add`: stores files, folders, addresses and standard input."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from glob import glob, has_magic
from pathlib import Path, PurePosixPath
from typing import Annotated

from cyclopts import Parameter, validators
from lethe_client import Lethe, LetheError, UploadedFile

from lethe.cli import terminal
from lethe.cli.contents import failures, places
from lethe.cli.contents.connection import Target, connected
from lethe.cli.contents.failures import Failure
from lethe.cli.contents.progress import Bar
from lethe.cli.terminal import Flag
from lethe.domain.errors import OperatorError

SOME_FAILED = 3
Jobs = Annotated[int, Parameter(name=["--jobs", "-j"], validator=validators.Number(gte=1, lte=32))]


@dataclass(frozen=True)
class _Chosen:
    """What to add: files by the folder that they are uploaded from, addresses, standard input."""

    files: dict[Path, list[PurePosixPath]]
    addresses: list[str]
    stdin: bool

    @property
    def count(self) -> int:
        return sum(map(len, self.files.values())) + len(self.addresses) + self.stdin

    @property
    def size(self) -> int:
        return sum((root / path).stat().st_size for root, paths in self.files.items() for path in paths)


def add(
    *paths: Annotated[str, Parameter(allow_leading_hyphen=True)],
    collection: Annotated[str, Parameter(name=["--collection", "-c"])],
    name: str | None = None,
    jobs: Jobs = 4,
    json: Flag = False,
    server: Target | None = None,
) -> None:
    """Store documents, and wait until they can be found. Exits with 3 if some could not be stored.

    A file with the name of a document in the same folder replaces its content. Unchanged files are not sent again.
    'lethe retry' tries again what failed.

    Parameters
    ----------
    paths
        Files, folders (with all that is in them and not hidden, keeping their structure), patterns such as '*.pdf',
        addresses (https://...), or '-' for standard input.
    collection
        The path of the folder to store them in, such as policies/2026. It is created if it does not exist.
    name
        For standard input: the document's name. Its extension says what it is. Default: stdin.md.
    jobs
        How many files at once.
    json
        Print JSON: one entry per file.
    """
    chosen = _chosen(paths)
    with connected(server) as client, Bar(chosen.count, chosen.size) as bar:
        parent_id = places.folder(client, collection)
        results = store(client, chosen.files, chosen.addresses, collection, jobs=jobs, bar=bar)
        if chosen.stdin:
            results.append(_read(client, sys.stdin.buffer.read(), name or "stdin.md", parent_id))
            bar.advance(0)
    report(results, json=json)


def store(
    client: Lethe,
    files: Mapping[Path, Sequence[PurePosixPath]],
    addresses: Sequence[str],
    collection: str,
    *,
    jobs: int,
    bar: Bar,
) -> list[UploadedFile]:
    """Store addresses, and files by the folder that they are uploaded from; note failures for `lethe retry`."""
    parent_id = places.folder(client, collection)
    results: list[UploadedFile] = []
    failed: list[Failure] = []
    where = (client.base_url, collection.strip("/"))
    for root, below in files.items():
        versions = {str(path): failures.version_of(root / path) for path in below}
        uploaded = _uploaded(client, root, below, parent_id, at_once=jobs, bar=bar)
        results += uploaded
        failed += [
            Failure(
                *where,
                str(root.absolute()),
                file.path,
                file.error or "",
                file.node_id,
                is_final=file.is_final,
                version=versions.get(file.path),
            )
            for file in uploaded
            if file.status == "failed"
        ]
    for address in addresses:
        fetched, task_id = _fetched(client, address, collection)
        results.append(fetched)
        bar.advance(0)
        if fetched.status == "failed":
            failed.append(Failure(*where, None, address, fetched.error or "", task_id=task_id))
    tried = [str(root.absolute() / path) for root, below in files.items() for path in below]
    failures.note([(*where, source) for source in (*tried, *addresses)], failed)
    return results


def report(results: Sequence[UploadedFile], *, json: bool) -> None:
    """Print what became of the files; exit with 3 if some failed."""
    failed = [file for file in results if file.status == "failed"]
    if json:
        terminal.as_json([asdict(file) for file in results])
    else:
        for file in results:
            for warning in file.warnings:
                terminal.error_line(f"{file.path}: not in the text: {warning}")
        for file in failed:
            terminal.error_line(f"{file.path}: {file.error}")
        unchanged = sum(file.status == "unchanged" for file in results)
        stored = len(results) - unchanged - len(failed)
        terminal.line(f"{stored:,} stored, {unchanged:,} unchanged, {len(failed):,} failed")
    if failed:
        sys.exit(SOME_FAILED)


def _chosen(paths: Sequence[str]) -> _Chosen:
    """Resolve the command's arguments. Raises OperatorError for a path that does not exist."""
    if not paths:
        raise OperatorError("Give files, folders, addresses, or '-' for standard input.")
    files: defaultdict[Path, list[PurePosixPath]] = defaultdict(list)
    for named in paths:
        if named == "-" or _is_address(named):
            continue
        matches = (
            sorted(glob(named, recursive=True)) if has_magic(named) and not Path(named).exists() else [named]
        )
        if not matches:
            raise OperatorError(f"No file matches {named}.")
        for path in map(Path, matches):
            if path.is_dir():
                files[path].extend(_below(path))
            elif path.is_file():
                files[path.parent].append(PurePosixPath(path.name))
            else:
                raise OperatorError(f"There is no file or folder at {path}.")
    return _Chosen(dict(files), [p for p in paths if _is_address(p)], "-" in paths)


def _below(folder: Path) -> Iterator[PurePosixPath]:
    """The files in a folder and below it, in order. Links and hidden files are left out."""
    for path in sorted(folder.rglob("*")):
        below = PurePosixPath(path.relative_to(folder).as_posix())
        if path.is_file() and not path.is_symlink() and not any(p.startswith(".") for p in below.parts):
            yield below


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _uploaded(
    client: Lethe, root: Path, files: Sequence[PurePosixPath], parent_id: str, *, at_once: int, bar: Bar
) -> Sequence[UploadedFile]:
    sizes = {str(path): (root / path).stat().st_size for path in files}
    uploaded = client.upload_folder(
        root,
        parent_id=parent_id,
        select=set(files).__contains__,
        at_once=at_once,
        on_result=lambda file: bar.advance(sizes.get(file.path, 0)),
    )
    return uploaded.files


def _fetched(client: Lethe, address: str, collection: str) -> tuple[UploadedFile, str | None]:
    """Have the server fetch an address in a task, and wait for it. The document's name is the address."""
    task_id = None
    try:
        started = client.artifacts.ingest_in_background(
            address, collection=collection.strip("/").split("/")[0], uri=address
        )
        task_id = started.task_id
        task = client.tasks.wait(task_id)
    except LetheError as exc:
        return UploadedFile(address, "failed", error=getattr(exc, "message", str(exc))), task_id
    return UploadedFile(address, "stored", task.node_id, task.warnings), task_id


def _read(client: Lethe, content: bytes, name: str, parent_id: str) -> UploadedFile:
    node_id = None
    try:
        node_id = client.documents.upload(content, file_name=name, parent_id=parent_id).id
        node = client.documents.wait(node_id)
    except LetheError as exc:
        return UploadedFile(name, "failed", node_id, error=getattr(exc, "message", str(exc)))
    return UploadedFile(name, "stored", node_id, node.warnings)
