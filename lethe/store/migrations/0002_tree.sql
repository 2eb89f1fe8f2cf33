-- The tree of the Knowledge API: trash and restore, assistants and what they were given.

ALTER TABLE company ADD COLUMN retention_days integer CHECK (retention_days >= 0);
COMMENT ON COLUMN company.retention_days IS 'how long the trash is kept; null: as the server is set';

ALTER TYPE task_kind ADD VALUE 'trash';
ALTER TYPE task_kind ADD VALUE 'restore';

ALTER TABLE node ADD COLUMN deleted_with text COLLATE "C";
ALTER TABLE node ADD CONSTRAINT node_in_the_trash_is_deleted CHECK (deleted_with IS NULL OR state = 'deleted');
COMMENT ON COLUMN node.deleted_with IS 'in the trash: the node whose deletion took this one along, perhaps itself';
CREATE INDEX node_trash ON node (company_id, deleted_at DESC) WHERE deleted_with = id;

ALTER TABLE document ADD COLUMN indexed boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN document.indexed IS 'false: its chunks were taken out of the indexes, its text was not';
CREATE INDEX document_out_of_indexes ON document (company_id, node_id) WHERE NOT indexed;

ALTER TABLE ingestion ADD COLUMN kept boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN ingestion.kept IS 'its caller was told that the content is stored: the trash keeps it for a restore';

-- ---------------------------------------------------------------- assistants

CREATE TABLE assistant (
    company_id   text COLLATE "C" NOT NULL REFERENCES company,
    id           text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    description  text,
    avatar_url   text,
    model        text,
    voice_response_enabled boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);

CREATE TABLE assistant_worker (
    company_id   text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    assistant_id text COLLATE "C" NOT NULL,
    supervisor   boolean NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, assistant_id) REFERENCES assistant (company_id, id) ON DELETE CASCADE
);
CREATE INDEX assistant_worker_of ON assistant_worker (company_id, assistant_id);

-- No reference to the node: an assignment outlives it, and gives no access to what is not live.
CREATE TABLE assignment (
    company_id   text COLLATE "C" NOT NULL,
    worker_id    text COLLATE "C" NOT NULL,
    node_id      text COLLATE "C" NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, worker_id, node_id),
    FOREIGN KEY (company_id, worker_id) REFERENCES assistant_worker (company_id, id) ON DELETE CASCADE
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['assistant', 'assistant_worker', 'assignment'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY company ON %I USING (company_id = acting_company())', name);
    END LOOP;
END $$;
