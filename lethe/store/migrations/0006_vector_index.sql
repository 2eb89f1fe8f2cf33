-- VACUUM of an HNSW index with many dead rows does not end in any useful time (200,000 of 508,000 dead: not in 810 s),
-- and holds up the other vacuums meanwhile. So it leaves the table's indexes alone; a worker builds the vector index
-- anew when enough of what it holds is gone, and cleans the others then (store/vector_index.py).
ALTER TABLE chunk_vec SET (vacuum_index_cleanup = off);
