-- Many documents by one request: each has a task of its own, and the batch is a task that ends with the last of them.

ALTER TYPE task_kind ADD VALUE 'batch';

CREATE TABLE batch (
    company_id   text COLLATE "C" NOT NULL,
    task_id      uuid NOT NULL,
    documents    integer NOT NULL CHECK (documents > 0),
    ended        integer NOT NULL DEFAULT 0,
    failed       integer NOT NULL DEFAULT 0,
    PRIMARY KEY (company_id, task_id),
    FOREIGN KEY (company_id, task_id) REFERENCES task (company_id, id) ON DELETE CASCADE,
    CHECK (failed <= ended AND ended <= documents)
);
COMMENT ON COLUMN batch.failed IS 'how many of the ended ones were not stored';

-- The names are forgotten with what the members' tasks tell.
CREATE TABLE batch_member (
    company_id   text COLLATE "C" NOT NULL,
    batch_id     uuid NOT NULL,
    position     integer NOT NULL,
    task_id      uuid NOT NULL,
    collection   text,
    artifact     text,
    share        integer,
    PRIMARY KEY (company_id, batch_id, position),
    CONSTRAINT batch_member_once UNIQUE (company_id, task_id),
    FOREIGN KEY (company_id, batch_id) REFERENCES batch ON DELETE CASCADE,
    FOREIGN KEY (company_id, task_id) REFERENCES task (company_id, id) ON DELETE CASCADE,
    CHECK ((collection IS NULL) = (artifact IS NULL))
);
COMMENT ON COLUMN batch_member.share IS 'members with the same number are worked on by one job; null: by a job of its own';

ALTER TABLE batch ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY company ON batch USING (company_id = acting_company() OR acting_company() = '*');
ALTER TABLE batch_member ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY company ON batch_member USING (company_id = acting_company() OR acting_company() = '*');

-- Whatever ends a member's task counts it, and the last one ends the batch, in the same transaction. The batch's row is
-- locked after those of nodes and tasks. A token with bounds may end a member of another's batch, whose task it does not
-- see: the count is Lethe's own work, and looks without bounds.
CREATE FUNCTION count_ended_member() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whole batch;
    per_cent integer;
    reads text := acting_reads();
BEGIN
    UPDATE batch b SET ended = b.ended + 1, failed = b.failed + (NEW.status <> 'success')::int
    FROM batch_member m
    WHERE m.company_id = NEW.company_id AND m.task_id = NEW.id
      AND b.company_id = m.company_id AND b.task_id = m.batch_id
    RETURNING b.* INTO whole;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    per_cent := 100 * whole.ended / whole.documents;
    PERFORM set_config('lethe.reads', '', true);
    IF whole.ended < whole.documents THEN
        UPDATE task SET status = 'started', percentage = per_cent
        WHERE company_id = whole.company_id AND id = whole.task_id
          AND (status, percentage) IS DISTINCT FROM ('started'::task_status, per_cent);
    ELSE
        UPDATE task SET status = CASE WHEN whole.failed = 0 THEN 'success'::task_status ELSE 'failure' END,
               failure = CASE WHEN whole.failed > 0 THEN 'rejected'::task_failure END,
               error = CASE WHEN whole.failed > 0
                            THEN format('%s of %s documents were not stored.', whole.failed, whole.documents) END,
               percentage = 100, finished_at = now()
        WHERE company_id = whole.company_id AND id = whole.task_id;
        PERFORM pg_notify('lethe_task', whole.task_id::text);
    END IF;
    PERFORM set_config('lethe.reads', reads, true);
    RETURN NULL;
END $$;

CREATE TRIGGER count_ended_member AFTER UPDATE OF status ON task FOR EACH ROW
    WHEN (NEW.kind = 'ingest' AND OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL)
    EXECUTE FUNCTION count_ended_member();
