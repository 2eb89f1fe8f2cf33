"""Builds objects from the settings, and is the only place that does: the database, the context, a worker."""
