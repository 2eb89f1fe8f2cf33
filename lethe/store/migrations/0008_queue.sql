-- The ingestions that have not ended, in order to count them: each request to ingest does, see admit_caller.
CREATE INDEX task_open_ingestions ON task (company_id) WHERE kind = 'ingest' AND finished_at IS NULL;
