"""The long-running commands: supervisor, API, worker."""
