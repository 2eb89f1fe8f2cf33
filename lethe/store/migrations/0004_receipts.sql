-- Receipts: what was erased, when it became invisible and when it was gone, chained and signed.

-- SHA-256 over an id and names, each behind a zero byte, in hex. The id is the salt: it is drawn at random when the
-- node is made, and stands beside the hash, so that whoever knows the names can check them.
CREATE FUNCTION salted_hash(id text, VARIADIC names text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN encode(sha256(convert_to(id, 'UTF8') || (
        SELECT string_agg('\x00'::bytea || convert_to(name, 'UTF8'), ''::bytea ORDER BY place)
        FROM unnest(names) WITH ORDINALITY AS given(name, place))), 'hex');

-- An erasure that was asked for and is not proved yet. The row goes when its receipt is written, under the same id.
CREATE TABLE erasure (
    company_id    text COLLATE "C" NOT NULL REFERENCES company,
    id            uuid NOT NULL,
    subject_kind  text NOT NULL CHECK (subject_kind IN ('document', 'folder', 'filter')),
    subject_id    text COLLATE "C" NOT NULL,
    subject_name  text NOT NULL,
    requested_at  timestamptz NOT NULL DEFAULT now(),
    requested_by  text NOT NULL,
    invisible_at  timestamptz NOT NULL DEFAULT now(),
    documents     bigint NOT NULL DEFAULT 0,
    chunks        bigint NOT NULL DEFAULT 0,
    vectors       bigint NOT NULL DEFAULT 0,
    blobs         bigint NOT NULL DEFAULT 0,
    bytes         bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (company_id, id)
);
COMMENT ON COLUMN erasure.subject_name IS 'salted_hash of what the subject was called';
COMMENT ON COLUMN erasure.bytes IS 'size of the originals';

ALTER TABLE node ADD COLUMN erasure_id uuid;
ALTER TABLE node ADD COLUMN deleted_by text;
ALTER TABLE node ADD CONSTRAINT node_erased_is_deleted CHECK (state = 'deleted' OR (erasure_id IS NULL AND deleted_by IS NULL));
COMMENT ON COLUMN node.erasure_id IS 'the erasure that waits for this node to be gone';
COMMENT ON COLUMN node.deleted_by IS 'on whose behalf it was deleted: the prefix of a token, or operator';
CREATE INDEX node_of_erasure ON node (company_id, erasure_id) WHERE erasure_id IS NOT NULL;

ALTER TABLE task ADD COLUMN receipt_id uuid;
COMMENT ON COLUMN task.receipt_id IS 'the receipt that a deletion ends with';

-- What a receipt holds of each document: no names and no content, only hashes of them.
CREATE TABLE erased_document (
    company_id    text COLLATE "C" NOT NULL,
    receipt_id    uuid NOT NULL,
    node_id       text COLLATE "C" NOT NULL,
    name          text NOT NULL,
    content       text,
    PRIMARY KEY (company_id, receipt_id, node_id)
);
COMMENT ON COLUMN erased_document.name IS 'salted_hash of collection and artifact';
COMMENT ON COLUMN erased_document.content IS 'salted_hash of the SHA-256 of the original, taken when it was ingested; null: it had none yet';
CREATE INDEX erased_document_node ON erased_document (company_id, node_id);

-- The chain of a company. body is the receipt as it was signed, in canonical JSON; the other columns are for
-- finding it and are checked against body by `lethe receipts verify --all`.
CREATE TABLE receipt (
    company_id    text COLLATE "C" NOT NULL REFERENCES company,
    seq           bigint NOT NULL CHECK (seq > 0),
    id            uuid NOT NULL,
    subject_id    text COLLATE "C",
    erased_at     timestamptz NOT NULL,
    hash          text NOT NULL,
    body          text NOT NULL,
    PRIMARY KEY (company_id, seq),
    CONSTRAINT receipt_written_once UNIQUE (company_id, id)
);
CREATE INDEX receipt_subject ON receipt (company_id, subject_id);
CREATE INDEX receipt_time ON receipt (company_id, erased_at);

-- The keys that receipts were signed with. private_key is null where the operator holds it (LETHE_RECEIPT_KEY).
CREATE TABLE receipt_key (
    id            text PRIMARY KEY,
    public_key    bytea NOT NULL,
    private_key   bytea,
    created_at    timestamptz NOT NULL DEFAULT now()
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['erasure', 'erased_document', 'receipt'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY company ON %I USING (company_id = acting_company())', name);
    END LOOP;
END $$;
