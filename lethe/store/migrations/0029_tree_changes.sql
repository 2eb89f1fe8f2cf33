-- Every commit that changes the tree tells so, with the company, for pages and subscribers that show it. PostgreSQL
-- sends equal notifications of one transaction once.
CREATE FUNCTION tell_tree_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('lethe_tree', company_id) FROM (SELECT DISTINCT company_id FROM changed) AS c;
    RETURN NULL;
END
$$;

CREATE TRIGGER node_inserted AFTER INSERT ON node REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_tree_changed();
CREATE TRIGGER node_updated AFTER UPDATE ON node REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_tree_changed();
CREATE TRIGGER node_removed AFTER DELETE ON node REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_tree_changed();
