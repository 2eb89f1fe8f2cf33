"""PostgreSQL itself: the embedded server, migrations, dumps, indexes, VACUUM FULL."""
