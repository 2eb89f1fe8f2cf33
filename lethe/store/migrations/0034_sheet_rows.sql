-- The first and last row of a sheet in a chunk's text up to its first turn, up to the next, and so on; null: none, or a
-- document from before this migration, which tells them once it is ingested again.
ALTER TABLE chunk_text ADD COLUMN sheet_rows jsonb;

-- The deliveries that were given up, for /metrics: among all that have ended in 30 days they are few.
CREATE INDEX webhook_delivery_dead ON webhook_delivery (created_at) WHERE status = 'dead';
