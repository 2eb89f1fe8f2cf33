-- A company's tasks, newest first: a page of their list without a look at the others, also of those that went wrong, which
-- are few. What is open has an index already.
CREATE INDEX task_newest ON task (company_id, created_at, id);
CREATE INDEX task_gone_wrong ON task (company_id, created_at, id) WHERE status IN ('failure', 'revoked');
