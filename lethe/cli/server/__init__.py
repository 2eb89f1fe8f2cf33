"""The processes that serve: supervisor, API, worker."""
