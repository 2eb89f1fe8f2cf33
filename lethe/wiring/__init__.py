"""Where objects are built from the settings, and nowhere else: the database, the context, a worker."""
