"""Assistants, and what they may read."""

from collections.abc import Sequence

from lethe_client._calling import calls
from lethe_client._calling.calls import Call
from lethe_client._calling.groups import Group, M, operation, paged
from lethe_client._calling.paging import Paged
from lethe_client.models import Assigned, Assistant
from lethe_client.resources.pages import numbered_page


class Assistants(Group[M]):
    """Assistants."""

    @paged
    def list(self, q: str = "", *, limit: int = 25) -> Paged[Assistant]:
        """Assistants whose name contains `q`, ignoring case."""
        return Paged(calls.get("/v1/assistants", numbered_page(Assistant), q=q, page=1, limit=limit))

    @operation
    def assign(self, assistant_id: str, node_ids: Sequence[str]) -> Call[Assigned]:
        """Let an assistant's workers read these nodes and what is below them."""
        body = {"assistant_id": assistant_id, "node_ids": node_ids}
        return calls.change("POST", "/v1/knowledge/assignments", Assigned.of, body)
