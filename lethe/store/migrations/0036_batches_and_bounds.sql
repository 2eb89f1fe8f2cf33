-- A member may be ended by a caller with bounds, who deletes or replaces its document. The batch's own task is beyond
-- them, and was never ended: it is ended in the company's name.
CREATE OR REPLACE FUNCTION count_ended_member() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whole batch;
    per_cent integer;
    bounds text := acting_reads();
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
    IF bounds <> '' THEN
        PERFORM set_config('lethe.reads', '', true);
    END IF;
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
    IF bounds <> '' THEN
        PERFORM set_config('lethe.reads', bounds, true);
    END IF;
    RETURN NULL;
END $$;
