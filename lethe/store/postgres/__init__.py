"""PostgreSQL itself: the embedded server, migrations, dumps, rewriting tables."""
