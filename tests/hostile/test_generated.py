"""Generated nonsense for what reads it: bounded time, and no error but those that are meant for callers."""

import asyncio
import base64
import io
import json
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

import msgspec
import psycopg
import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from lethe.adapters.children import Children
from lethe.api.artifacts import uploads
from lethe.api.artifacts.shapes import ContentBody, IngestBody
from lethe.api.request.bodies import decoded, validated
from lethe.core import cursors
from lethe.core.ingestion.prepare import open_results, prepare
from lethe.core.search import candidates
from lethe.domain.errors import InputRejected, InvalidRequest
from lethe.domain.limits import MIB, Limits
from lethe.domain.records.documents import Prepared
from lethe.domain.records.queries import Operator
from lethe.store.postgres.embedded import EmbeddedPostgres
from lethe.store.search.metadata import conditions
from lethe.text.languages import LANGUAGES
from lethe.text.lexemes import query_terms
from tests.unit.parsers import samples
from tests.waiting import PATIENCE_SECONDS

SLOW = settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
SAMPLES = samples.every_type()

words = st.text(max_size=12) | st.sampled_from(
    ["", "\0", "\ud800", "%", "'", "{k}", "%s", "$", "\\", "\u202e", "é", "ﬁ"]
)
numbers = st.integers() | st.floats() | st.sampled_from([2**63, -(2**63), 10**400, 1e308, -0.0])
json_values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def connection(postgres: EmbeddedPostgres) -> Iterator[psycopg.Connection[Any]]:
    """A connection on which a statement that fails spoils no other."""
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
        yield connection


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()) | json_values.map(
    lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
))  # fmt: skip
@SLOW
def test_a_cursor_is_read_or_refused(cursor: str) -> None:
    try:
        moment, id = cursors.decode(cursor)
    except InvalidRequest:
        return
    assert len(cursors.encode(moment, id)) < 500


def test_any_condition_on_metadata_is_refused_or_is_a_statement_that_runs(
    connection: psycopg.Connection[Any],
) -> None:
    one = st.fixed_dictionaries(
        {"key": words, "operator": st.sampled_from(get_args(Operator)), "value": json_values}
    )

    @SLOW
    @given(st.lists(one, max_size=3), st.dictionaries(words, json_values, max_size=3))
    def check(chosen: list[Any], metadata: dict[str, Any]) -> None:
        text = json.dumps({"context_filter": {"metadata_filter": chosen}}).encode()
        try:
            wanted = validated(ContentBody, decoded(text)).context_filter.to_record()
            stored = validated(
                IngestBody,
                decoded(
                    json.dumps(
                        {"artifact": "a", "metadata": metadata, "input": {"type": "text", "value": "x"}}
                    ).encode()
                ),
            ).metadata
        except (RequestValidationError, InvalidRequest):
            return
        where, params = conditions(wanted.metadata)
        connection.execute(
            f"SELECT 1 FROM (SELECT %(metadata)s::jsonb AS metadata) d WHERE true{where}".encode(),
            {**params, "metadata": psycopg.types.json.Jsonb(stored)},
        )

    check()


def test_any_question_becomes_queries_that_postgresql_reads(connection: psycopg.Connection[Any]) -> None:
    signs = st.text(st.sampled_from("a1'\\&|!()<->:* \t\0-._@+#/,~^=é日ก\u0301ß\u202e²🚀"), max_size=60)

    @SLOW
    @given(st.text(max_size=80) | signs, st.floats(0, 10_000))
    def check(question: str, common: float) -> None:
        terms = query_terms(question, LANGUAGES)
        if not terms:
            return
        counts = {lexeme: int(common * len(lexeme)) for term in terms for lexeme in term.lexemes}
        begin = time.process_time()
        plan = candidates.plan(terms, counts, 20_000)
        assert time.process_time() - begin < 10
        queries = [
            candidates.any_of(terms),
            plan.first,
            *(later.query for later in plan.later if later.query),
        ]
        connection.execute("SELECT q::tsquery FROM unnest(%s::text[]) q", (queries,))

    check()


@given(st.data())
@SLOW
def test_an_ingestion_is_read_or_refused_whatever_its_bytes(data: st.DataObject) -> None:
    fields = st.sampled_from(["artifact", "collection", "metadata", "input", "x"])
    inputs = st.fixed_dictionaries(
        {"type": st.sampled_from(["text", "file", "uri", "x"]), "value": json_values}
    )
    body = data.draw(st.dictionaries(fields, json_values | inputs))
    raw = json.dumps(body).encode()
    at, noise = data.draw(st.integers(0, len(raw))), data.draw(st.binary(max_size=4))
    raw = data.draw(st.sampled_from([raw, raw[:at] + noise + raw[at:], raw[:at]])) or b" "
    with suppress(RequestValidationError, HTTPException):
        validated(IngestBody, uploads._unfold(msgspec.Raw(raw), len(raw), uploads._Ingest))


def test_a_sample_is_read_by_a_child_and_a_damaged_one_read_or_refused_within_its_limits() -> None:
    limits = Limits()

    def damaged(data: st.DataObject) -> tuple[str, bytes]:
        kind, other = (data.draw(st.sampled_from(sorted(SAMPLES))) for _ in range(2))
        if zipfile.is_zipfile(io.BytesIO(SAMPLES[kind])) and data.draw(st.booleans()):
            return kind, repacked(SAMPLES[kind], data)
        return kind, mixed(SAMPLES[kind], SAMPLES[other], data)

    with asyncio.Runner() as runner:
        children = Children(["lethe.preload"], slots=1)
        runner.run(_started(children))

        def read(kind: str, content: bytes) -> Prepared:
            with tempfile.TemporaryDirectory() as directory:
                source, folder = Path(directory, "source"), Path(directory, "folder")
                source.write_bytes(content)
                folder.mkdir()
                with source.open("rb") as file, open_results(folder) as results:
                    return runner.run(
                        children.run(prepare, file, results, f"a.{kind}", limits, "a",
                                     cpu_seconds=limits.parse_cpu_seconds, memory_bytes=512 * MIB,
                                     wall_seconds=PATIENCE_SECONDS)
                    )  # fmt: skip

        @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
        @given(st.data())
        def check(data: st.DataObject) -> None:
            with suppress(InputRejected):
                read(*damaged(data))

        try:
            for kind, content in SAMPLES.items():
                assert read(kind, content).chunks > 0, kind
            check()
        finally:
            runner.run(children.close())


async def _started(children: Children) -> None:
    children.start()


def mixed(sample: bytes, other: bytes, data: st.DataObject) -> bytes:
    """The sample with a run of its bytes doubled, left out, or replaced by noise or a run of another sample."""
    first, last = sorted(data.draw(st.integers(0, len(sample))) for _ in range(2))
    start = data.draw(st.integers(0, len(other)))
    middle = data.draw(
        st.sampled_from([b"", sample[first:last] * 2, other[start : start + last - first]])
        | st.binary(max_size=64)
    )
    return sample[:first] + middle + sample[last:]


def repacked(sample: bytes, data: st.DataObject) -> bytes:
    """A container that is whole, with one of its members damaged."""
    with zipfile.ZipFile(io.BytesIO(sample)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(members)))
    return samples.archive({**members, name: mixed(members[name], members[name], data)})
