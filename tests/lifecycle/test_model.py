"""A server against a dictionary: whatever is done in whatever order, both hold the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.client import Client, long_text
from tests.lifecycle.orphans import assert_no_orphans
from tests.lifecycle.stored import loose_ends
from tests.server import Server
from tests.waiting import until

COLLECTIONS = ["c", "Ünïcode/…"]
ARTIFACTS = ["a", "b/../a", "😀"]
TEXTS = {
    "short": "one",
    "markdown": "# Two\n\nHeading and text.\n\n- item\n- item\n",
    "long": long_text(6),
    "accents": "cuatro ñandúes",
}
BLANK = " \n\t"

keys = st.tuples(st.sampled_from(COLLECTIONS), st.sampled_from(ARTIFACTS))
texts = st.sampled_from(sorted(TEXTS))
metadata = st.sampled_from([None, {"year": 2026, "tags": ["x", None]}])

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Document:
    """What a document should be; `text` is a key of TEXTS."""

    text: str
    metadata: dict[str, Any] | None


class Model(RuleBasedStateMachine):
    """Each rule is a call of the API, done to the server and to the dictionary.

    An ingestion under way is in `waiting`; its task's final state says whether it counts, and then its document
    must be there. `order` holds all keys in the order of their first ingestion since they were deleted.
    """

    client: Client
    examples = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).examples += 1
        self.prefix = f"{self.examples}-"
        self.stored: dict[Key, Document] = {}
        self.waiting: dict[Key, tuple[str, Document]] = {}
        self.order: list[Key] = []
        self.deletions: list[str] = []
        self.failed: set[Key] = set()
        """Names of which nothing was ever stored, but an attempt at it, which an erasure takes too."""

    @rule(key=keys, text=texts, metadata=metadata)
    def ingest(self, key: Key, text: str, metadata: dict[str, Any] | None) -> None:
        self._note(key)
        same = self.stored.get(key) == Document(text, metadata) and key not in self.waiting
        answer = self.client.post("/ingest", self._body(key, TEXTS[text], metadata))
        assert answer.status_code == 200, answer.text
        assert [d["artifact"] for d in answer.json()["data"]] == ([] if same else [key[1]])
        self._settle(key, overtaken=True, goes_on=True)
        self.stored[key] = Document(text, metadata)

    @rule(key=keys, text=texts, metadata=metadata)
    def ingest_async(self, key: Key, text: str, metadata: dict[str, Any] | None) -> None:
        self._note(key)
        answer = self.client.post(
            "/ingest/async", {"ingest_body": self._body(key, TEXTS[text], metadata), "callback": None}
        )
        self._settle(key, overtaken=True, goes_on=True)
        self.waiting[key] = answer.json()["task_id"], Document(text, metadata)

    @rule(key=keys)
    def ingest_blank(self, key: Key) -> None:
        assert self.client.post("/ingest", self._body(key, BLANK, None)).status_code == 400
        self._settle(key, overtaken=True)
        if key not in self.stored:
            self.failed.add(key)

    @rule(key=keys)
    def delete(self, key: Key) -> None:
        known = key in self.stored or key in self.waiting or key in self.failed
        answer = self.client.delete(key[1], collection=self.prefix + key[0])
        assert answer.status_code == (200 if known else 404)
        self._forget(key)

    @rule(key=keys)
    def delete_async(self, key: Key) -> None:
        known = key in self.stored or key in self.waiting or key in self.failed
        task_id = self.client.delete_async(key[1], collection=self.prefix + key[0])
        if known:
            self.deletions.append(task_id)
        else:
            assert self.client.task("delete", task_id)["task_status"] == "FAILURE"
        self._forget(key)

    @precondition(lambda self: self.waiting)
    @rule()
    def wait(self) -> None:
        for key in list(self.waiting):
            self._settle(key, overtaken=False)

    @invariant()
    def lists_agree(self) -> None:
        for collection in COLLECTIONS:
            listed = [
                (d["artifact"], d["doc_metadata"])
                for d in self.client.get("/list", collection=self.prefix + collection).json()["data"]
            ]
            sure = [k for k in self.order if k[0] == collection and k not in self.waiting]
            names = [artifact for artifact, _ in listed if (collection, artifact) not in self.waiting]
            assert names == [artifact for _, artifact in sure]
            assert len({artifact for artifact, _ in listed}) == len(listed)
            for artifact, shown in listed:
                if (collection, artifact) in sure:
                    given = self.stored[collection, artifact].metadata or {}
                    assert {k: v for k, v in shown.items() if k in given} == given
                    assert shown["artifact_id"] == artifact

    @invariant()
    def contents_agree(self) -> None:
        for key in {*self.stored, *self.waiting}:
            allowed = {TEXTS[self.stored[key].text] if key in self.stored else None}
            if key in self.waiting:
                allowed.add(TEXTS[self.waiting[key][1].text])
            assert self._text(key) in allowed

    def teardown(self) -> None:
        """In the end all that was begun ends as it should."""
        for key in list(self.waiting):
            self._settle(key, overtaken=False)
        for task_id in self.deletions:
            assert self.client.ended("delete", task_id)["task_status"] == "SUCCESS"
        self.lists_agree()
        self.contents_agree()

    def _body(self, key: Key, text: str, metadata: dict[str, Any] | None) -> dict[str, Any]:
        source = {"type": "text", "value": text}
        return {"collection": self.prefix + key[0], "artifact": key[1], "metadata": metadata, "input": source}

    def _text(self, key: Key) -> str | None:
        return self.client.text(key[1], collection=self.prefix + key[0])

    def _settle(self, key: Key, *, overtaken: bool, goes_on: bool = False) -> None:
        """See how the ingestion under way ended; one that was overtaken has ended by now.

        `goes_on` says that a newer one has taken its place.
        """
        if key not in self.waiting:
            return
        task_id, document = self.waiting.pop(key)
        if overtaken:
            status = self.client.task("ingest", task_id)["task_status"]
            assert status in ("SUCCESS", "REVOKED")
        else:
            status = self.client.ended("ingest", task_id)["task_status"]
            assert status == "SUCCESS"
        if status == "SUCCESS":
            self.stored[key] = document
        elif key not in self.stored and not goes_on:
            self.order.remove(key)

    def _note(self, key: Key) -> None:
        if key not in self.order:
            self.order.append(key)

    def _forget(self, key: Key) -> None:
        assert self._text(key) is None
        self._settle(key, overtaken=True)
        self.failed.discard(key)
        if self.stored.pop(key, None):
            self.order.remove(key)


@pytest.fixture
def own(new_server: Callable[..., Server]) -> Iterator[Server]:
    """A server that holds nothing else, so that all that it holds can be checked."""
    started = new_server("model").start()
    yield started
    started.stop()


def test_the_server_holds_what_a_dictionary_would(own: Server) -> None:
    class OnThisServer(Model):
        pass

    OnThisServer.client = own.client()
    run_state_machine_as_test(
        OnThisServer,
        settings=settings(
            max_examples=15,
            stateful_step_count=12,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # the steps of a failure are few already
        ),
    )
    assert_no_orphans(own)
    until(lambda: loose_ends(own) == {})
    assert_no_orphans(own)
