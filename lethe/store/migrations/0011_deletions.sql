-- Deletions by filter: many documents at once, by one task.

ALTER TYPE task_kind ADD VALUE 'filter';

ALTER TABLE node ADD COLUMN deletion_id uuid;
ALTER TABLE node ADD CONSTRAINT node_of_a_deletion_is_deleted CHECK (deletion_id IS NULL OR state = 'deleted');
COMMENT ON COLUMN node.deletion_id IS 'the task that takes it out of the indexes, or erases it';
CREATE INDEX node_of_deletion ON node (company_id, deletion_id, id) WHERE deletion_id IS NOT NULL;
