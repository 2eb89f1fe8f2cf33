-- A document whose first ingestion failed has no node, but its task tells of it: by these it is found when its name, or its
-- collection, is erased. The node's id is the salt, as everywhere.
ALTER TABLE task ADD COLUMN attempt_name text, ADD COLUMN attempt_collection text;
COMMENT ON COLUMN task.attempt_name IS 'salted_hash of collection and artifact of a document that was never stored';
COMMENT ON COLUMN task.attempt_collection IS 'salted_hash of its collection';
CREATE INDEX task_of_attempt ON task (company_id) WHERE attempt_name IS NOT NULL;
