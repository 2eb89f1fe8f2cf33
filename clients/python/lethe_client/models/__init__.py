"""The results of calls. `to_dict()` is the JSON of a result, `extra` its fields that this version does not know."""

from lethe_client.models.access import Assigned, Assistant, Bound, Me
from lethe_client.models.artifacts import Artifact, Batch, BatchDocument, Content, Erased, Ingested, Started
from lethe_client.models.deletions import Deletion, Preview, Receipt, ReceiptKey, ReceiptSalt
from lethe_client.models.model import Model
from lethe_client.models.search import Chunk, Hit, SearchResults
from lethe_client.models.tasks import Task, TaskStatus
from lethe_client.models.tools import Conversion, Embedding, EmbeddingModel, Embeddings, Passages, Reader
from lethe_client.models.tree import IngestionState, Node, NodeDetails, TrashEntry, Tree, TreeNode
from lethe_client.models.webhooks import Delivery, ErasedNode, NewWebhook, Webhook

__all__ = [
    "Artifact",
    "Assigned",
    "Assistant",
    "Batch",
    "BatchDocument",
    "Bound",
    "Chunk",
    "Content",
    "Conversion",
    "Deletion",
    "Delivery",
    "Embedding",
    "EmbeddingModel",
    "Embeddings",
    "Erased",
    "ErasedNode",
    "Hit",
    "Ingested",
    "IngestionState",
    "Me",
    "Model",
    "NewWebhook",
    "Node",
    "NodeDetails",
    "Passages",
    "Preview",
    "Reader",
    "Receipt",
    "ReceiptKey",
    "ReceiptSalt",
    "SearchResults",
    "Started",
    "Task",
    "TaskStatus",
    "TrashEntry",
    "Tree",
    "TreeNode",
    "Webhook",
]
