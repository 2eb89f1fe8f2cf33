"""Deletion by filter, and receipts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from lethe_client._calling import calls
from lethe_client._calling.calls import Call, optional
from lethe_client._calling.groups import Group, M, operation, paged
from lethe_client._calling.paging import Paged
from lethe_client.models import Deletion, Preview, Receipt, ReceiptKey, ReceiptSalt
from lethe_client.resources.pages import cursor_page, segment

_DELETIONS = "/v1/knowledge/deletions"
_RECEIPTS = "/v1/receipts"


class Deletions(Group[M]):
    """Deletions of all documents that meet all given conditions: metadata, nodes, collection."""

    @operation
    def preview(
        self,
        *,
        metadata: Sequence[Mapping[str, Any]] | None = None,
        node_ids: Sequence[str] | None = None,
        collection: str | None = None,
    ) -> Call[Preview]:
        """What a deletion with these conditions would delete."""
        body = {"filter": _filter(metadata, node_ids, collection), "mode": "trash", "dry_run": True}
        return calls.ask(_DELETIONS, Preview.of, body)

    @operation
    def create(
        self,
        *,
        mode: Literal["trash", "erase"],
        metadata: Sequence[Mapping[str, Any]] | None = None,
        node_ids: Sequence[str] | None = None,
        collection: str | None = None,
    ) -> Call[Deletion]:
        """Delete documents. They are invisible when this returns; `tasks.wait(deletion.task_id)` waits for the rest."""
        body = {"filter": _filter(metadata, node_ids, collection), "mode": mode}
        return calls.change("POST", _DELETIONS, Deletion.of, body)

    @operation
    def get(self, task_id: str) -> Call[Deletion]:
        """The progress of a deletion."""
        return calls.get(f"{_DELETIONS}/{segment(task_id)}", Deletion.of)


class Receipts(Group[M]):
    """Signed receipts of what was erased."""

    @paged
    def list(
        self,
        *,
        subject: str | None = None,
        collection: str | None = None,
        artifact: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> Paged[Receipt]:
        """Receipts, newest first. `subject` is the id of an erased node; times need a time zone."""
        call = calls.get(
            _RECEIPTS,
            cursor_page(Receipt),
            subject=subject,
            collection=collection,
            artifact=artifact,
            since=since.isoformat() if since else None,
            until=until.isoformat() if until else None,
            limit=limit,
        )
        return Paged(call)

    @operation
    def get(self, receipt_id: str) -> Call[Receipt]:
        """A receipt; its `to_dict()` also lists the documents that it is about."""
        return calls.get(f"{_RECEIPTS}/{segment(receipt_id)}", Receipt.of)

    @operation
    def key(self) -> Call[ReceiptKey]:
        """The public key that verifies receipts."""
        return calls.get(f"{_RECEIPTS}/key", ReceiptKey.of)

    @operation
    def salt(self) -> Call[ReceiptSalt]:
        """The secret with which receipts hash names: for those who may know what was erased."""
        return calls.get(f"{_RECEIPTS}/salt", ReceiptSalt.of)


def _filter(
    metadata: Sequence[Mapping[str, Any]] | None, node_ids: Sequence[str] | None, collection: str | None
) -> Mapping[str, Any]:
    return calls.given(
        {"metadata": optional(metadata), "node_ids": optional(node_ids), "collection": optional(collection)}
    )
