-- What the console's overview counts, from indexes alone; and assistants tell open pages that they changed, as 0027 does.

-- A company's chunks and bytes without a look at the rows, which are ten times as wide.
CREATE INDEX document_sizes ON document (company_id, node_id) INCLUDE (chunks, bytes);
CREATE INDEX task_failed ON task (company_id, finished_at) WHERE status = 'failure';

CREATE TRIGGER tell_changed AFTER INSERT OR UPDATE OR DELETE ON assistant
    FOR EACH STATEMENT EXECUTE FUNCTION tell_changed('assistants');
CREATE TRIGGER tell_changed AFTER INSERT OR DELETE ON assignment
    FOR EACH STATEMENT EXECUTE FUNCTION tell_changed('assistants');
