-- What the reconciler looks for and what it has seen.

-- The last round, and when the next one is due. Who takes a round moves due_at ahead for as long as it works. No
-- tenant's data: counts by kind only.
CREATE TABLE reconciliation (
    single    boolean PRIMARY KEY DEFAULT true CHECK (single),
    due_at    timestamptz NOT NULL DEFAULT now(),
    ended_at  timestamptz,
    seconds   double precision,
    skipped   integer,
    counts    jsonb,
    CONSTRAINT reconciliation_is_whole CHECK (num_nonnulls(ended_at, seconds, skipped, counts) IN (0, 4))
);
INSERT INTO reconciliation DEFAULT VALUES;
COMMENT ON COLUMN reconciliation.skipped IS 'companies that could not be looked at';

-- Whether a file of the blob store is named by a row, for hundreds of files at once.
CREATE INDEX document_blob ON document (company_id, blob_key);
CREATE INDEX ingestion_blob ON ingestion (company_id, blob_key) WHERE blob_key IS NOT NULL;

-- Open tasks among those of the last 30 days, and pending nodes among the live ones.
CREATE INDEX task_open ON task (created_at) WHERE finished_at IS NULL;
CREATE INDEX node_pending ON node (company_id, id) WHERE state = 'pending';
