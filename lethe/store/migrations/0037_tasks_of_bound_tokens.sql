-- What a token with bounds asked for, newest first: a page of its tasks without a look at others'. Few tasks have a token_id.
CREATE INDEX task_asked_by ON task (company_id, token_id, created_at, id) WHERE token_id IS NOT NULL;

-- Lethe's connections plan each statement anew, and PostgreSQL 18 does the same with a function's at each call: 220 us a
-- task, 20 with a plan that is kept. It looks up one key, so that it may be kept from when the table was small.
ALTER FUNCTION task_within(text, text, text) SET plan_cache_mode = force_generic_plan SET enable_seqscan = off;
