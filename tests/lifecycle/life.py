"""A document's life through both doors, and the named points of the code that it passes."""

from tests.client import body
from tests.http.knowledge.knowledge import Knowledge
from tests.waiting import until

TEXT = "# Kept\n\nThe stone keeps what was written.\n"


class Life:
    """A document's life through both doors, which passes each point. Each step can be repeated until it succeeds."""

    def __init__(self, kb: Knowledge, callback: object) -> None:
        self.kb = kb
        self.callback = callback
        self.node = ""

    def ingest(self) -> None:
        assert self.kb.artifacts.ingest("a", TEXT).status_code == 200
        assert self.kb.artifacts.text("a") == TEXT

    def ingest_with_events(self) -> None:
        task = self.kb.artifacts.ingest_async("b", TEXT, callback=self.callback)
        assert self.kb.artifacts.ended("ingest", task)["task_status"] == "SUCCESS"

    def tell(self) -> None:
        """Another ingestion with events: a single one is given up when its worker has died too often."""
        self.ingest_with_events()

    def ingest_batch(self) -> None:
        """A batch whose answer was lost is sent again, and overtakes the first."""
        documents = [body(name, TEXT) for name in ("m", "n")]
        sent = self.kb.artifacts.post("/ingest/batch", {"documents": documents})
        assert sent.status_code == 202
        status = f"/ingest/batch/{sent.json()['task_id']}"
        until(lambda: self.kb.artifacts.get(status).json()["task_status"] == "SUCCESS")
        assert [self.kb.artifacts.text(name) for name in ("m", "n")] == [TEXT, TEXT]

    def erase_batch(self) -> None:
        names = {"collection": "c", "artifacts": ["m", "n"]}
        assert self.kb.artifacts.post("/delete/batch", names).status_code == 200
        assert self.kb.artifacts.listed() == []

    def erase(self) -> None:
        assert self.kb.artifacts.delete("a").status_code in (200, 404)
        assert self.kb.artifacts.listed() in ([], ["b"])

    def erase_by_task(self) -> None:
        task = self.kb.artifacts.delete_async("b", callback=self.callback)
        ended = self.kb.artifacts.ended("delete", task)
        assert ended["task_status"] == "SUCCESS" or "not found" in ended["task_result"]
        assert self.kb.artifacts.listed() in ([], ["a"])

    def make(self) -> None:
        """The node of a request whose answer was lost is found in the tree."""
        made = [item["id"] for item in self.kb.tree() if item["title"] == "Made"]
        self.node = made[0] if made else self.kb.document("Made", markdown=TEXT)
        assert self.kb.text(self.node) == TEXT
        self.kb.indexed(self.node)
        assert self.kb.text(self.node) == TEXT

    def replace(self) -> None:
        assert (
            self.kb.call("PUT", f"/knowledge/documents/{self.node}", {"markdown": TEXT * 2}).status_code
            == 200
        )
        self.kb.indexed(self.node)
        assert self.kb.text(self.node) == TEXT * 2

    def trash(self) -> None:
        assert self.kb.delete(self.node).status_code in (204, 404)
        assert self.kb.trash() == ["Made"]
        assert not self.kb.there(self.node)

    def restore(self) -> None:
        assert self.kb.restore(self.node).status_code in (200, 404)
        assert self.kb.text(self.node) == TEXT * 2
        until(self.found)

    def found(self) -> bool:
        """True when the search has it."""
        body = {"query": "stone", "mode": "full"}
        return bool(self.kb.call("POST", "/knowledge/search", body).json()["results"])

    def erase_from_trash(self) -> None:
        self.kb.delete(self.node)
        assert self.kb.call("DELETE", f"/knowledge/trash/{self.node}").status_code in (204, 404)
        assert self.kb.trash() == []
        assert not self.kb.there(self.node)


LIFE: dict[str, list[str]] = {
    "ingest": [
        "original_after_claim_before_file",
        "original_after_file_before_commit",
        "submit_before_commit",
        "submit_after_commit",
    ],
    "ingest_with_events": [
        "ingest_after_chunks_before_commit",
        "ingest_after_commit_before_job_end",
    ],
    "tell": [
        "relay_after_lease_before_publish",
        "relay_after_publish_before_removal",
        "webhook_after_lease_before_post",
        "webhook_after_post_before_noted",
    ],
    "erase": ["erase_after_hide_before_remove"],
    "erase_by_task": [
        "erasure_request_before_commit",
        "erasure_request_after_commit",
        "remove_after_rows_before_files",
        "remove_after_files_before_keys_forgotten",
        "erasure_after_removal_before_task_end",
    ],
    "make": ["document_before_commit", "document_after_commit"],
    "replace": ["replace_before_commit"],
    "trash": ["trash_before_commit", "trash_after_commit", "unindex_between_batches"],
    "restore": ["restore_before_commit", "restore_after_commit", "reindex_before_commit"],
    "erase_from_trash": ["trash_erase_after_condemn_before_remove"],
}
"""The steps in their order, and the points that each passes."""

BATCH: dict[str, list[str]] = {
    "ingest_batch": ["batch_before_commit", "share_before_commit", "share_after_commit_before_job_end"],
    "erase_batch": ["erase_after_hide_before_remove"],
}
"""The same for documents that are sent, and erased, together."""

SWEEPER = {
    "ingest_with_events": ["sweeper_after_requeue_of_one"],
    "erase": ["sweeper_before_files", "sweeper_before_purge"],
}
"""The points of the sweeper, which takes up what the kills in these steps and before leave."""

WITHOUT_INDEX = [
    "index_after_being_set_aside",
    "index_before_being_made_again",
    "index_after_being_made_before_its_note_goes",
]
"""The points of a scrub at which an index is missing, or counts as missing."""
