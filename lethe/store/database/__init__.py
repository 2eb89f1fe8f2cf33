"""How statements reach PostgreSQL: pool, connections, transactions."""
