-- What waits to be taken up, for all companies in one statement: the sweeper asks every few seconds.

-- For a transaction of the system. Acts for one company after the other, so that row-level security holds in it as
-- everywhere, and for the system again at its end. Rows only for companies with something to do, or only for `of_company`.
-- What is due counts after a minute, as somebody may have it in hand; erasures after `proved_seconds`.
CREATE FUNCTION overdue(proved_seconds double precision, of_company text DEFAULT NULL)
RETURNS TABLE (company_id text, collections boolean, deletions boolean, documents boolean, folders boolean,
               erasures boolean)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    ids text[] := (SELECT array_agg(id ORDER BY id) FROM company WHERE of_company IS NULL OR id = of_company);
    acting text;
BEGIN
    FOREACH acting IN ARRAY coalesce(ids, '{}') LOOP
        PERFORM set_config('lethe.company', acting, true);
        RETURN QUERY
            SELECT acting, w.* FROM (SELECT
                EXISTS (SELECT FROM node n WHERE n.company_id = acting AND n.state = 'pending'
                        AND n.kind = 'folder' AND n.parent_id IS NULL),
                EXISTS (SELECT FROM node n WHERE n.company_id = acting AND n.purge_at < now() - interval '1 minute'
                        AND n.erasure_id IS NULL),
                EXISTS (SELECT FROM node n WHERE n.company_id = acting AND n.purge_at < now() - interval '1 minute'
                        AND n.erasure_id IS NOT NULL AND n.kind = 'document'),
                EXISTS (SELECT FROM node n WHERE n.company_id = acting AND n.erasure_id IS NOT NULL
                        AND n.kind = 'folder'),
                EXISTS (SELECT FROM erasure e WHERE e.company_id = acting
                        AND e.requested_at < now() - make_interval(secs => proved_seconds))
            ) AS w (collections, deletions, documents, folders, erasures)
            WHERE collections OR deletions OR documents OR folders OR erasures;
    END LOOP;
    PERFORM set_config('lethe.company', '*', true);
END $$;
