"""The only place that builds objects from settings: the database, the context, a worker."""
