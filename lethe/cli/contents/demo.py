"""`lethe demo`: what Lethe is for, in half a minute."""

from typing import Literal

from lethe_client import Lethe

from lethe.cli import terminal
from lethe.cli.contents.connection import Target, connected

_COLLECTION = "Lethe demo"
_DOCUMENTS = {
    "Rental policy": "# Rental policy\n\nA bicycle can be returned until eight in the evening.\n",
    "Política de cancelación": "# Cancelación\n\nUna reserva se puede cancelar gratis hasta 48 horas antes.\n",
    "Complaint of Ada Quill": "# Complaint\n\nAda Quill, member 4711, reports that the brakes of her bicycle failed.\n",
}
_PERSON = "Complaint of Ada Quill"


def demo(*, server: Target | None = None) -> None:
    """Store three documents, find one, erase it, and show the receipt that proves it. Leaves nothing behind."""
    with connected(server) as client:
        collection = client.folders.create(_COLLECTION)
        try:
            _run(client, collection.id)
        finally:
            client.nodes.delete(collection.id)
            client.trash.erase(collection.id)


def _run(client: Lethe, parent_id: str) -> None:
    _step("Three documents are stored in the collection 'Lethe demo'.")
    stored = {
        title: client.documents.create(title, text, parent_id=parent_id).id
        for title, text in _DOCUMENTS.items()
    }
    for title, node_id in stored.items():
        client.documents.wait(node_id)
        terminal.line(f"   {title}")
    _step("A question in English finds the answer in Spanish, by its meaning.")
    _search(client, "How do I cancel a booking?", "hybrid", parent_id)
    _step("A member asks to be forgotten. This is what there is of her:")
    _search(client, "Ada Quill", "full", parent_id)
    _step("Her document is erased: text, chunks, vectors and file, in the answer's own commit.")
    client.nodes.delete(stored[_PERSON])
    receipt_id = client.trash.erase(stored[_PERSON]).receipt_id
    _step("The same search, a moment later:")
    _search(client, "Ada Quill", "full", parent_id)
    if receipt_id is not None:
        receipt = client.receipts.get(receipt_id)
        erased = ", ".join(
            f"{count} {what.replace('_', ' ')}" for what, count in receipt.erased.items() if count
        )
        _step("The receipt, signed by this server. It holds hashes, and no name or text:")
        terminal.line(f"   {receipt.id}, erased at {receipt.erased_at}: {erased}")
        terminal.line(f"   signature {receipt.signature[:32]}...")
        terminal.line("   'lethe receipts export' and 'lethe receipts verify' check it without this server.")


def _step(text: str) -> None:
    terminal.line(f"\n{text}")


def _search(client: Lethe, query: str, mode: Literal["full", "hybrid"], parent_id: str) -> None:
    terminal.line(f"   search: {query}")
    found = client.search(query, mode=mode, top_k=1, node_ids=[parent_id])
    for hit in found:
        terminal.line(f"   {hit.score:.2f}  {hit.title}: {hit.snippet}")
    if not found.results:
        terminal.line("   nothing is found")
