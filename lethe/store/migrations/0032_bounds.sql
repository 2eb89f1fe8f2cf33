-- Rights finer than the company: a token that is bound to folders sees, and changes, only what is below them.
--
-- A transaction for such a token sets lethe.reads and lethe.writes, the ids of its folders with commas between them, and
-- lethe.token. Empty, or not set: no bounds. A path consists of ids, so whether a node is within is seen in its own row,
-- follows every move in the statement that moves it, and ends with the folder.

ALTER TABLE token ADD COLUMN bound boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN token.bound IS 'it reaches only the nodes that token_node has; with none there, nothing';

CREATE TABLE token_node (
    company_id  text COLLATE "C" NOT NULL,
    token_id    text COLLATE "C" NOT NULL,
    node_id     text COLLATE "C" NOT NULL,
    writes      boolean NOT NULL,
    PRIMARY KEY (company_id, token_id, node_id),
    FOREIGN KEY (company_id, token_id) REFERENCES token (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, node_id) REFERENCES node (company_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN token_node.writes IS 'false: it may only read what is below the node';
CREATE INDEX token_node_of_node ON token_node (company_id, node_id);
ALTER TABLE token_node ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY company ON token_node USING (company_id = acting_company() OR acting_company() = '*');

CREATE FUNCTION acting_reads() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('lethe.reads', true), '');
CREATE FUNCTION acting_writes() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('lethe.writes', true), '');
CREATE FUNCTION acting_token() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('lethe.token', true), '');

-- A number, because the planner takes `<> 0` to be true of nearly all rows: with a condition that it took to be rare, it
-- would choose other plans for everybody. For the same everybody a subquery looks once a statement whether there are bounds.
CREATE FUNCTION under_any(path text, ids text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (string_to_array(path, '/') && string_to_array(ids, ','))::integer;
COMMENT ON FUNCTION under_any(text, text) IS '1 if the node at this path is one of these nodes, or below one';

-- Written is only what is below a folder, never the folder itself: it is not the token's to rename, move or delete.
CREATE POLICY bounds ON node AS RESTRICTIVE
USING ((SELECT acting_reads()) = '' OR under_any(path, acting_reads()) <> 0)
WITH CHECK ((SELECT acting_writes()) = '' OR under_any(left(path, -25), acting_writes()) <> 0);

-- The policy looks at the path: with it in the index, what is counted by this index alone still is. Reads go on meanwhile.
CREATE INDEX node_of_collection_with_path ON node (company_id, root_id, created_at, id) INCLUDE (path)
    WHERE kind = 'document' AND state = 'live';
DROP INDEX node_of_collection;
ALTER INDEX node_of_collection_with_path RENAME TO node_of_collection;

-- Who asked, where that was a token with bounds. A task is its asker's own, whatever became of the node.
ALTER TABLE task ADD COLUMN token_id text COLLATE "C";
ALTER TABLE task ALTER COLUMN token_id SET DEFAULT acting_token();
ALTER TABLE erasure ADD COLUMN token_id text COLLATE "C";
ALTER TABLE erasure ALTER COLUMN token_id SET DEFAULT acting_token();
ALTER TABLE receipt ADD COLUMN token_id text COLLATE "C";
COMMENT ON COLUMN task.token_id IS 'the token with bounds that asked for it; null: another, or Lethe itself';
COMMENT ON COLUMN receipt.token_id IS 'the token with bounds that asked for the erasure';

-- The policy of node decides, as this looks with the caller's rights. A function, so that the cost of the look counts in
-- nobody's plan: without bounds there is none.
CREATE FUNCTION task_within(company text, node text, asked_by text) RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN asked_by = acting_token() THEN 1 ELSE coalesce(
        (SELECT 1 FROM node n WHERE n.company_id = company AND n.id = node), 0) END;

CREATE FUNCTION asked_here(asked_by text) RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce((asked_by = acting_token())::integer, 0);

CREATE POLICY bounds ON task AS RESTRICTIVE
USING ((SELECT acting_reads()) = '' OR task_within(company_id, node_id, token_id) <> 0);

CREATE POLICY bounds ON receipt AS RESTRICTIVE
USING ((SELECT acting_reads()) = '' OR asked_here(token_id) <> 0);

-- Assistants are the whole company's.
CREATE POLICY bounds ON assistant AS RESTRICTIVE USING ((SELECT acting_reads()) = '');
