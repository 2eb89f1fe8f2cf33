"""The Python client of Lethe, a self-hosted knowledge-base server that forgets for real.

from lethe_client import Lethe

client = Lethe()  # LETHE_URL and LETHE_TOKEN
client.artifacts.ingest(file="report.pdf", collection="reports")
for hit in client.search("what changed this year?"):
    print(hit.score, hit.title, hit.snippet)
"""

from lethe_client._calling.calls import NOT_GIVEN, NotGiven
from lethe_client._calling.groups import RawResponse
from lethe_client._calling.paging import AsyncPages, Page, SyncPages
from lethe_client._calling.settings import DEFAULT_URL
from lethe_client._client import AsyncLethe, Lethe
from lethe_client._folder_upload import FolderUpload, UploadedFile
from lethe_client.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    IngestionFailedError,
    InternalServerError,
    LetheError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServiceUnavailableError,
    TaskFailedError,
    TooLargeError,
    UnexpectedAnswerError,
    UnprocessableEntityError,
    WaitTimeoutError,
)

__all__ = [
    "DEFAULT_URL",
    "NOT_GIVEN",
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "AsyncLethe",
    "AsyncPages",
    "AuthenticationError",
    "BadRequestError",
    "ConflictError",
    "FolderUpload",
    "IngestionFailedError",
    "InternalServerError",
    "Lethe",
    "LetheError",
    "NotFoundError",
    "NotGiven",
    "Page",
    "PermissionDeniedError",
    "RateLimitError",
    "RawResponse",
    "ServiceUnavailableError",
    "SyncPages",
    "TaskFailedError",
    "TooLargeError",
    "UnexpectedAnswerError",
    "UnprocessableEntityError",
    "UploadedFile",
    "WaitTimeoutError",
]
