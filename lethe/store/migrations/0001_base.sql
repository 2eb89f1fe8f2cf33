-- Everything that Lethe knows is in these tables. company_id is the first column of every key, so that the
-- tables can be partitioned or sharded by tenant without a change of SQL.
--
-- Row-level security stands behind every statement. The setting lethe.company holds the id of the company
-- that a transaction acts for. '*' is the system itself (relay, sweeper, authentication): only the tables of
-- its own bookkeeping let it through, never documents and their text.

CREATE FUNCTION acting_company() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN current_setting('lethe.company', true);

-- ---------------------------------------------------------------- tenants and their tokens

CREATE TABLE company (
    id          text COLLATE "C" PRIMARY KEY,
    name        text NOT NULL CONSTRAINT company_name_taken UNIQUE,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE token (
    company_id   text COLLATE "C" NOT NULL REFERENCES company,
    id           text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    prefix       text NOT NULL,
    hash         bytea NOT NULL CONSTRAINT token_hash_taken UNIQUE,
    scopes       text[] NOT NULL,
    per_minute   integer CHECK (per_minute > 0),
    per_hour     integer CHECK (per_hour > 0),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);

-- Counts of the running minute and hour. Unlogged: after a crash every token starts afresh.
CREATE UNLOGGED TABLE rate_window (
    company_id  text COLLATE "C" NOT NULL,
    token_id    text COLLATE "C" NOT NULL,
    seconds     integer NOT NULL,
    window_start timestamptz NOT NULL,
    requests    integer NOT NULL,
    PRIMARY KEY (company_id, token_id, seconds)
);

-- ---------------------------------------------------------------- the tree

CREATE TYPE node_kind AS ENUM ('folder', 'document');
CREATE TYPE node_state AS ENUM ('pending', 'live', 'deleted');

CREATE TABLE node (
    company_id  text COLLATE "C" NOT NULL REFERENCES company,
    id          text COLLATE "C" NOT NULL CHECK (id ~ '^[0-9a-f]{24}$'),
    parent_id   text COLLATE "C",
    path        text COLLATE "C" NOT NULL,
    root_id     text COLLATE "C" NOT NULL GENERATED ALWAYS AS (split_part(path, '/', 1)) STORED,
    kind        node_kind NOT NULL,
    state       node_state NOT NULL,
    generation  bigint NOT NULL DEFAULT 0,
    position    bigint NOT NULL,
    title       text NOT NULL,
    collection  text,
    artifact    text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    deleted_at  timestamptz,
    purge_at    timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, parent_id) REFERENCES node (company_id, id),
    CONSTRAINT node_path_ends_with_its_id CHECK (path LIKE '%' || id || '/'),
    CONSTRAINT node_deleted_has_a_time CHECK ((state = 'deleted') = (deleted_at IS NOT NULL AND purge_at IS NOT NULL)),
    CONSTRAINT node_collection_is_a_root_folder CHECK ((collection IS NOT NULL) = (kind = 'folder' AND parent_id IS NULL)),
    CONSTRAINT node_artifact_is_a_document CHECK ((artifact IS NOT NULL) = (kind = 'document'))
);
COMMENT ON COLUMN node.path IS 'ids from the root to this node, each followed by a slash';
COMMENT ON COLUMN node.generation IS 'raised by every request to ingest or delete; only the work of the newest generation may be stored';
COMMENT ON COLUMN node.purge_at IS 'a deleted node and all it holds are removed from this moment on';
COMMENT ON COLUMN node.state IS 'pending: first ingestion under way, seen by nobody; live; deleted: seen by nobody';

CREATE UNIQUE INDEX node_collection_taken ON node (company_id, collection) WHERE state <> 'deleted' AND collection IS NOT NULL;
CREATE UNIQUE INDEX node_artifact_taken ON node (company_id, root_id, artifact) WHERE state <> 'deleted' AND artifact IS NOT NULL;
CREATE INDEX node_siblings ON node (company_id, parent_id, position);
CREATE INDEX node_to_purge ON node (company_id, purge_at) WHERE purge_at IS NOT NULL;
CREATE INDEX node_subtree ON node (company_id, path);

-- ---------------------------------------------------------------- documents: content and indexes

-- A row here means that the node has content. generation is the one that the content came with.
CREATE TABLE document (
    company_id   text COLLATE "C" NOT NULL,
    node_id      text COLLATE "C" NOT NULL,
    generation   bigint NOT NULL,
    metadata     jsonb NOT NULL,
    input_hash   text NOT NULL,
    hash         text NOT NULL,
    file_type    text NOT NULL,
    media_type   text NOT NULL,
    language     text NOT NULL,
    blob_key     text NOT NULL,
    bytes        bigint NOT NULL,
    characters   bigint NOT NULL,
    blocks       integer NOT NULL,
    chunks       integer NOT NULL,
    stored_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, node_id),
    FOREIGN KEY (company_id, node_id) REFERENCES node (company_id, id)
);
COMMENT ON COLUMN document.input_hash IS 'content and given metadata: the same again need not be done again';

-- The document's text in runs of about 128 Ki characters, each with the blocks that begin in it:
-- [[number, type, parent, start, end, level], ...], see domain/document.py.
CREATE TABLE document_part (
    company_id  text COLLATE "C" NOT NULL,
    node_id     text COLLATE "C" NOT NULL,
    part        integer NOT NULL,
    start       bigint NOT NULL,
    text        text NOT NULL,
    blocks      text NOT NULL,
    PRIMARY KEY (company_id, node_id, part)
);

-- A chunk lies in three narrow tables under one key: text, words, embedding.
CREATE TABLE chunk_text (
    company_id  text COLLATE "C" NOT NULL,
    node_id     text COLLATE "C" NOT NULL,
    position    integer NOT NULL,
    start       bigint NOT NULL,
    stop        bigint NOT NULL,
    tokens      integer NOT NULL,
    headings    jsonb NOT NULL,
    text        text NOT NULL,
    PRIMARY KEY (company_id, node_id, position)
);

CREATE TABLE chunk_lex (
    company_id  text COLLATE "C" NOT NULL,
    node_id     text COLLATE "C" NOT NULL,
    position    integer NOT NULL,
    length      integer NOT NULL,
    tsv         tsvector STORAGE MAIN NOT NULL,
    PRIMARY KEY (company_id, node_id, position)
) WITH (toast_tuple_target = 8160);
-- A short pending list: 396 chunks took 62 ms to store, 134 ms without one; a search reads at most 256 kB of it.
CREATE INDEX chunk_lex_words ON chunk_lex USING gin (tsv) WITH (fastupdate = on, gin_pending_list_limit = 256);

-- settled rows are in the HNSW index (made when the embedder's dimension is known); the others are few
-- and found by an exact scan, so that an ingestion does not pay for the index.
CREATE TABLE chunk_vec (
    company_id  text COLLATE "C" NOT NULL,
    node_id     text COLLATE "C" NOT NULL,
    position    integer NOT NULL,
    settled     boolean NOT NULL DEFAULT false,
    embedding   halfvec STORAGE PLAIN NOT NULL,
    PRIMARY KEY (company_id, node_id, position)
);

-- ---------------------------------------------------------------- work

CREATE TYPE task_kind AS ENUM ('ingest', 'delete');
CREATE TYPE task_status AS ENUM ('pending', 'started', 'success', 'failure', 'revoked');
CREATE TYPE task_failure AS ENUM ('rejected', 'not_found', 'unavailable', 'internal', 'revoked');

CREATE TABLE task (
    company_id   text COLLATE "C" NOT NULL REFERENCES company,
    id           uuid NOT NULL,
    kind         task_kind NOT NULL,
    status       task_status NOT NULL,
    node_id      text COLLATE "C",
    generation   bigint,
    step         text,
    percentage   integer CHECK (percentage BETWEEN 0 AND 100),
    result       jsonb,
    failure      task_failure,
    error        text,
    callback     jsonb,
    callback_error text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    PRIMARY KEY (company_id, id),
    CONSTRAINT task_final_has_a_time CHECK ((status IN ('pending', 'started')) = (finished_at IS NULL)),
    CONSTRAINT task_failed_says_why CHECK ((status IN ('failure', 'revoked')) = (error IS NOT NULL AND failure IS NOT NULL))
);
CREATE INDEX task_of_node ON task (company_id, node_id);
CREATE INDEX task_finished ON task (finished_at) WHERE finished_at IS NOT NULL;

-- What an ingestion has to do. The row goes when its task ends.
CREATE TABLE ingestion (
    company_id   text COLLATE "C" NOT NULL,
    task_id      uuid NOT NULL,
    metadata     jsonb NOT NULL,
    file_name    text,
    uri          text,
    blob_key     text,
    hash         text,
    bytes        bigint,
    input_hash   text,
    PRIMARY KEY (company_id, task_id),
    FOREIGN KEY (company_id, task_id) REFERENCES task (company_id, id) ON DELETE CASCADE,
    CONSTRAINT ingestion_has_a_source CHECK (uri IS NOT NULL OR blob_key IS NOT NULL),
    CONSTRAINT ingestion_blob_is_described CHECK
        (num_nonnulls(blob_key, hash, bytes, input_hash) IN (0, 4))
);

-- Files of the blob store that no row names any more, or not yet: a key is written here before its file is
-- stored and taken out by the transaction that refers to it. What is due is deleted.
CREATE TABLE blob_removal (
    company_id  text COLLATE "C" NOT NULL,
    key         text NOT NULL,
    node_id     text COLLATE "C",
    due_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, key)
);
CREATE INDEX blob_removal_of_node ON blob_removal (company_id, node_id);
CREATE INDEX blob_removal_due ON blob_removal (due_at);

-- Callback events, written in the transaction of what they tell. The row goes when the broker has confirmed it.
CREATE TABLE outbox (
    company_id   text COLLATE "C" NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    event_id     uuid NOT NULL DEFAULT gen_random_uuid(),
    task_id      uuid NOT NULL,
    exchange     text NOT NULL,
    routing_key  text NOT NULL,
    body         jsonb NOT NULL,
    attempt      integer NOT NULL DEFAULT 0,
    due_at       timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);
CREATE INDEX outbox_in_order ON outbox (company_id, task_id, id);
CREATE INDEX outbox_due ON outbox (due_at, id);

-- ---------------------------------------------------------------- the installation

CREATE TABLE installation (
    key   text PRIMARY KEY,
    value text NOT NULL
);

-- Workers say here that they are alive.
CREATE UNLOGGED TABLE worker_alive (
    id       uuid PRIMARY KEY,
    seen_at  timestamptz NOT NULL
);

-- ---------------------------------------------------------------- what a reader sees

CREATE VIEW live_document WITH (security_invoker = true) AS
SELECT n.company_id, n.id AS node_id, root.id AS root_id, root.collection, n.artifact, n.title, n.path, n.created_at,
       d.hash, d.characters, d.blocks, d.chunks, d.language, d.input_hash,
       d.metadata || jsonb_build_object('collection', root.collection, 'artifact_id', n.artifact) AS metadata
FROM node n
JOIN node root ON root.company_id = n.company_id AND root.id = n.root_id
JOIN document d ON d.company_id = n.company_id AND d.node_id = n.id
WHERE n.state = 'live';

-- ---------------------------------------------------------------- row-level security

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['node', 'document', 'document_part', 'chunk_text', 'chunk_vec', 'chunk_lex'] LOOP
        -- A policy before @@ keeps the planner from the GIN index unless @@ is leakproof, which only a superuser
        -- can say. Without it chunk_lex is guarded by the node that each of its statements joins.
        CONTINUE WHEN name = 'chunk_lex' AND NOT (SELECT proleakproof FROM pg_proc WHERE oid = 'ts_match_vq(tsvector,tsquery)'::regprocedure);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY company ON %I USING (company_id = acting_company())', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['token', 'rate_window', 'task', 'ingestion', 'blob_removal', 'outbox'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY company ON %I USING (company_id = acting_company() OR acting_company() = ''*'')', name);
    END LOOP;
    ALTER TABLE company ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY company ON company USING (id = acting_company() OR acting_company() = '*');
END $$;
