"""A parser fails at a document and quotes it: the log tells where, and nothing of the text."""

from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

import pytest
import structlog

from lethe.adapters.children import Children
from lethe.adapters.embedders import Embedder
from lethe.core.context import Context
from lethe.core.ingestion import work
from lethe.core.ingestion.submit import Request, submit
from lethe.core.ingestion.work import IngestDependencies
from lethe.core.scrub.fingerprints import FingerprintHasher
from lethe.domain.errors import LetheError
from lethe.domain.records.documents import Ingestion, Prepared
from lethe.workers import jobs
from tests.logged import Logged
from tests.store.conftest import COMPANY

TEXT = "The stone keeps what was written."


def parse_badly(original: BinaryIO, *_: object) -> Prepared:
    """In the place of `prepare`, in the child."""
    return Prepared("md", "text/markdown", "en", int(original.read().decode()), 1, 1, None, (), {})


async def prepare_badly(
    _ctx: Context, _shop: IngestDependencies, _job: Ingestion, original: Path, *_: object
) -> Prepared:
    """In the place of `_prepare`, in the worker."""
    with original.open("rb") as file:
        return parse_badly(file)


@pytest.mark.parametrize(
    ("replaced", "by"), [("prepare", parse_badly), ("_prepare", prepare_badly)], ids=["child", "worker"]
)
async def test_a_document_at_which_a_parser_fails_is_in_no_log(
    ctx: Context, monkeypatch: pytest.MonkeyPatch, logged: Logged, replaced: str, by: object
) -> None:
    monkeypatch.setattr(work, replaced, by)
    monkeypatch.setattr(jobs, "log", structlog.get_logger())
    made = await submit(
        ctx, Request("c", "a", {}, "a.md", TEXT.encode()), company_id=COMPANY, callback=None, waiting=False
    )
    assert made.task_id is not None
    async with Children() as children:
        deps = IngestDependencies(children, cast("Embedder", None), FingerprintHasher(b"k" * 32))
        with pytest.raises(LetheError, match="An internal error occurred at this document"):
            await jobs.run_ingestion(ctx, partial(work.ingest, ctx, deps), COMPANY, made.task_id, attempt=1)
    log = logged()
    assert "ingestion failed" in log
    assert "in parse_badly" in log
    assert "ValueError" in log
    assert "stone" not in log
