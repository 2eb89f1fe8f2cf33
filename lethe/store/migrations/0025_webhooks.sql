-- Webhooks: who is told of what over HTTP. No row of these tables holds anything of a document: what a delivery says is
-- read from the tables of tasks and documents when it is sent.

CREATE TABLE webhook (
    company_id   text COLLATE "C" NOT NULL REFERENCES company,
    id           uuid NOT NULL,
    url          text NOT NULL,
    events       text[] NOT NULL CHECK (cardinality(events) > 0),
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);
COMMENT ON COLUMN webhook.created_by IS 'the prefix of a token';

-- A webhook's secrets. One that was replaced signs beside the new one until it expires.
CREATE TABLE webhook_secret (
    company_id   text COLLATE "C" NOT NULL,
    webhook_id   uuid NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    sealed       bytea NOT NULL,
    expires_at   timestamptz,
    PRIMARY KEY (company_id, webhook_id, id),
    FOREIGN KEY (company_id, webhook_id) REFERENCES webhook ON DELETE CASCADE
);
COMMENT ON COLUMN webhook_secret.sealed IS 'encrypted with a key that is not in the database (core/webhooks/secrets.py)';

-- An event for one receiver, written in the transaction that it tells of. Those of one subject leave in order.
CREATE TABLE webhook_delivery (
    company_id   text COLLATE "C" NOT NULL REFERENCES company,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    event_id     uuid NOT NULL DEFAULT gen_random_uuid(), -- what the company sees: id counts the others' deliveries too
    webhook_id   uuid,
    target       text COLLATE "C" NOT NULL,
    subject      text COLLATE "C" NOT NULL,
    type         text NOT NULL,
    facts        jsonb NOT NULL DEFAULT '{}',
    task_id      uuid,
    receipt_id   uuid,
    url          text,
    sealed       bytea,
    status       text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'dead')),
    attempts     integer NOT NULL DEFAULT 0,
    due_at       timestamptz NOT NULL DEFAULT now(),
    first_tried_at timestamptz,
    last_status  integer,
    last_error   text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, webhook_id) REFERENCES webhook ON DELETE CASCADE,
    CHECK ((webhook_id IS NULL) = (url IS NOT NULL)),
    CHECK ((status = 'waiting') = (ended_at IS NULL))
);
COMMENT ON COLUMN webhook_delivery.webhook_id IS 'null: the callback of a task, with its own url and sealed secret';
COMMENT ON COLUMN webhook_delivery.target IS 'whose slowness it shares: a webhook, or the origin of a callback''s address';
COMMENT ON COLUMN webhook_delivery.subject IS 'a target''s deliveries with the same subject are sent in order: a node''s, a task''s';
COMMENT ON COLUMN webhook_delivery.facts IS 'ids, numbers and times; nothing of a document';
CREATE UNIQUE INDEX webhook_delivery_event ON webhook_delivery (company_id, event_id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (company_id, target, due_at, id) WHERE status = 'waiting';
CREATE INDEX webhook_delivery_in_order ON webhook_delivery (company_id, target, subject, id) WHERE status = 'waiting';
CREATE INDEX webhook_delivery_of_webhook ON webhook_delivery (company_id, webhook_id, id);
CREATE INDEX webhook_delivery_of_task ON webhook_delivery (company_id, task_id) WHERE task_id IS NOT NULL;
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE webhook ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY company ON webhook USING (company_id = acting_company());
ALTER TABLE webhook_secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY company ON webhook_secret USING (company_id = acting_company());
ALTER TABLE webhook_delivery ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY company ON webhook_delivery USING (company_id = acting_company() OR acting_company() = '*');
