"""What Lethe's readers make of the files of a directory, and how much of each file's text is in it.

    .venv/bin/python -m bench.fidelity DIRECTORY [--only docx,pdf] [--out NEW.json] [--against OLD.json]

Reads the files in this process, without a server. A line a file: its type, seconds, characters, blocks, and what was
left out or why it was refused. Where `report.txt` lies beside `report.docx`, it is taken for all that a person sees in
that file, and the words of both are compared: recall (words of the reference that were read), precision (words read
that are in the reference) and order (neighbours in the reference that are neighbours in what was read). With
`--against` an earlier run's file it prints what has changed since, and exits with 1 if anything got worse.
"""

import argparse
import json
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.parsers import parse
from lethe.text.blocks import split_parts

MEASURES = ("recall", "precision", "order")
WORSE = 0.005
"""A measure that falls by more than this got worse."""
_MARKS = re.compile(
    r"""(?<=\])\([^()\s]*\)     # where a link leads
      | \[\^\w+\]:?             # the mark of a note
      | \\(?=[^\w\s])           # what keeps a sign from being a mark
      | [*~^`\u00ad\u200b-\u200f\u2060\ufeff]""",
    re.VERBOSE,
)
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)

Row = dict[str, Any]


def words(text: str) -> list[str]:
    """The words of a text as they are compared: folded, without marks; Chinese and Japanese by character."""
    return _WORD.findall(unicodedata.normalize("NFKC", _MARKS.sub("", text.replace("<br>", " "))).casefold())


def compared(read: str, reference: str) -> Row:
    """Recall, precision and order, and the counts that they are made of."""
    got, wanted = words(read), words(reference)
    common = (Counter(got) & Counter(wanted)).total()
    pairs = Counter(pairwise(wanted))
    kept = (Counter(pairwise(got)) & pairs).total()
    return shares(
        {"common": common, "read": len(got), "wanted": len(wanted), "kept": kept, "pairs": pairs.total()}
    )


def shares(counts: Row) -> Row:
    """The measures of counts, beside them."""
    share = {"recall": ("common", "wanted"), "precision": ("common", "read"), "order": ("kept", "pairs")}
    return {
        **counts,
        **{
            name: round(counts[part] / counts[all_] if counts[all_] else 1, 4)
            for name, (part, all_) in share.items()
        },
    }


def examined(path: Path, limits: Limits) -> Row:
    """What became of a file."""
    row: Row = {"characters": 0, "blocks": {}, "warnings": [], "places": 0, "refused": None}
    text = ""
    start = time.perf_counter()
    try:
        parsed = parse(path, path.name, limits)
    except InputRejected as exc:
        row["refused"] = str(exc)
    except Exception as exc:  # noqa: BLE001 a fault of a reader is what is looked for here
        row["refused"] = f"FAULT {type(exc).__name__}: {exc}"
    else:
        text = parsed.markdown
        blocks = Counter(block.type.value for part in split_parts(text) for block in part.blocks)
        row |= {"characters": len(text), "blocks": dict(blocks), "places": len(parsed.places)}
        row["warnings"] = list(parsed.warnings)
    row["seconds"] = round(time.perf_counter() - start, 3)
    reference = path.with_suffix(".txt")
    if reference != path and reference.exists():
        row |= compared(text, reference.read_text("utf-8-sig"))
    return row


def told(name: str, row: Row) -> str:
    """A file's line, and the sentences about it."""
    measured = " ".join(f"{measure} {row[measure]:.3f}" for measure in MEASURES if measure in row)
    blocks = " ".join(f"{kind.removesuffix('Node')} {count}" for kind, count in sorted(row["blocks"].items()))
    line = f"{name}  {row['seconds']:.2f} s  {row['characters']:,} characters  {blocks}  {measured}".rstrip()
    sentences = [*row["warnings"], *([f"REFUSED: {row['refused']}"] if row["refused"] else [])]
    return "\n".join([line, *(f"    {sentence}" for sentence in sentences)])


def summary(rows: dict[str, Row]) -> list[str]:
    """A line a type: files, refused, seconds a file, and the measures over all words of those with a reference."""
    types: defaultdict[str, list[Row]] = defaultdict(list)
    for name, row in rows.items():
        types[Path(name).suffix.lower()].append(row)
    lines = []
    for kind, group in sorted(types.items()):
        counts: Counter[str] = Counter()
        for row in group:
            counts.update(
                {key: row[key] for key in ("common", "read", "wanted", "kept", "pairs") if key in row}
            )
        measured = shares(counts) if counts else {}
        lines.append(
            f"{kind or 'no extension'}: {len(group)} files, {sum(bool(row['refused']) for row in group)} refused, "
            f"{sum(row['seconds'] for row in group) / len(group):.2f} s a file"
            + "".join(f", {measure} {measured[measure]:.3f}" for measure in MEASURES if measure in measured)
        )
    return lines


def changes(old: dict[str, Row], new: dict[str, Row]) -> tuple[list[str], bool]:
    """What is other than in an earlier run, in lines, and whether anything of it is worse."""
    lines: list[str] = []
    worse = False
    for name in sorted(old.keys() & new.keys()):
        before, now = old[name], new[name]
        for key in ("refused", "characters", "blocks", "warnings", "places", *MEASURES):
            if before.get(key) == now.get(key):
                continue
            lines.append(f"{name}: {key} {before.get(key)} -> {now.get(key)}")
            if key == "refused":
                worse |= not before[key]
            elif key in MEASURES:
                worse |= now.get(key, 0) < before.get(key, 0) - WORSE
    return lines, worse


def main() -> int:
    """Read the files and print what became of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--only", help="extensions, with commas between them")
    parser.add_argument("--out", type=Path, help="write the run here, for a later --against")
    parser.add_argument("--against", type=Path, help="an earlier run")
    given = parser.parse_args()
    only = {f".{extension}" for extension in given.only.split(",")} if given.only else None
    files = sorted(path for path in given.directory.rglob("*") if path.is_file())
    described = {path.with_suffix("") for path in files if path.suffix.lower() != ".txt"}
    rows: dict[str, Row] = {}
    for path in files:
        is_reference = path.suffix.lower() == ".txt" and path.with_suffix("") in described
        if is_reference or (only is not None and path.suffix.lower() not in only):
            continue
        name = str(path.relative_to(given.directory))
        rows[name] = examined(path, Limits())
        print(told(name, rows[name]), flush=True)
    print("\n" + "\n".join(summary(rows)))
    if given.out:
        given.out.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    if given.against:
        lines, worse = changes(json.loads(given.against.read_text()), rows)
        print("\nsince then: " + ("\n".join(["", *lines]) if lines else "nothing changed"))
        return int(worse)
    return 0


if __name__ == "__main__":
    sys.exit(main())
