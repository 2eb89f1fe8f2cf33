-- Requests that carried an Idempotency-Key: under way, answered, or forgotten with what they had made.

CREATE TABLE idempotency (
    company_id   text COLLATE "C" NOT NULL REFERENCES company,
    token_id     text COLLATE "C" NOT NULL,
    key          bytea NOT NULL,
    fingerprint  bytea,
    owner        uuid NOT NULL,
    leased_until timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    node_id      text COLLATE "C",
    task_id      uuid,
    status       smallint,
    headers      jsonb,
    body         bytea,
    PRIMARY KEY (company_id, token_id, key),
    CONSTRAINT idempotency_answer_is_whole CHECK (num_nonnulls(status, headers, body) IN (0, 3)),
    CONSTRAINT idempotency_forgotten_holds_nothing CHECK
        (fingerprint IS NOT NULL OR num_nonnulls(node_id, task_id, status) = 0)
);
COMMENT ON COLUMN idempotency.key IS 'SHA-256 of the header: what callers write there may name somebody';
COMMENT ON COLUMN idempotency.fingerprint IS 'SHA-256 of the request; null: what the answer showed was erased, and the answer with it';
COMMENT ON COLUMN idempotency.owner IS 'the attempt that holds the claim, until leased_until unless it says that it is alive';
COMMENT ON COLUMN idempotency.node_id IS 'what the answer shows: it goes with this node';

CREATE INDEX idempotency_of_node ON idempotency (company_id, node_id) WHERE node_id IS NOT NULL;
CREATE INDEX idempotency_expired ON idempotency (expires_at);

ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY company ON idempotency USING (company_id = acting_company() OR acting_company() = '*');
