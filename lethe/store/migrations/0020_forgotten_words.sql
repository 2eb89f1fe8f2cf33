-- A word that is in no chunk of the company any more is in its counts neither. Whoever takes chunks away leaves their words
-- in lexstat_removed, without waiting for anybody; forget_words looks at them and drops the counts of those that are gone.

ALTER TABLE lexstat_total ADD COLUMN removed bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN lexstat_total.removed IS 'chunks that were taken away and whose words were looked at. '
    'Whoever writes in lexstat holds this row.';

ALTER TABLE lexstat ADD COLUMN gone integer NOT NULL DEFAULT 0;
ALTER TABLE lexstat SET (fillfactor = 80);
COMMENT ON COLUMN lexstat.gone IS 'at most so many of the chunks were taken away since the count';

CREATE TABLE lexstat_removed (
    company_id  text COLLATE "C" NOT NULL REFERENCES company,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    chunks      integer NOT NULL,
    lexemes     text[] NOT NULL,
    counts      integer[] NOT NULL,
    PRIMARY KEY (company_id, id)
);
COMMENT ON TABLE lexstat_removed IS 'words of chunks that were taken away, each with in how many of them it was: looked at in '
    'the same transaction or in the next round';
ALTER TABLE lexstat_removed ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY company ON lexstat_removed USING (company_id = acting_company());

ALTER TABLE erasure ADD COLUMN words bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN erasure.words IS 'words whose counts went with it, as no other document has them';

-- The lock keeps a first count from beginning while chunks are taken away that nobody notes.
CREATE FUNCTION note_removed_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('words of ' || company_id, 0))
    FROM (SELECT DISTINCT company_id FROM removed) r;
    INSERT INTO lexstat_removed (company_id, chunks, lexemes, counts)
    SELECT t.company_id, (SELECT count(*) FROM removed r WHERE r.company_id = t.company_id), w.lexemes, w.counts
    FROM lexstat_total t CROSS JOIN LATERAL (
        SELECT array_agg(lexeme) AS lexemes, array_agg(chunks) AS counts FROM (
            SELECT l.lexeme, count(*) AS chunks FROM removed r, unnest(r.tsv) l
            WHERE r.company_id = t.company_id GROUP BY l.lexeme
        ) counted
    ) w
    WHERE t.company_id IN (SELECT company_id FROM removed) AND w.lexemes IS NOT NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER note_removed_words AFTER DELETE ON chunk_lex
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION note_removed_words();
CREATE TRIGGER note_replaced_words AFTER UPDATE ON chunk_lex
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION note_removed_words();

-- Drops the counts of words that are in no chunk any more; how many. A word is certainly still there while fewer of its
-- chunks are gone than were counted (a count may be a twentieth too high, see store/search_upkeep.py). For the others, which
-- are few, the index is asked word by word: a join would be planned as one that compares each chunk with each word.
CREATE FUNCTION forget_words(company text) RETURNS integer LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    word text;
    doubtful text[];
    forgotten integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM lexstat_removed WHERE company_id = company) THEN
        RETURN 0;
    END IF;
    PERFORM FROM lexstat_total WHERE company_id = company FOR UPDATE;
    WITH taken AS (
        DELETE FROM lexstat_removed WHERE company_id = company RETURNING chunks, lexemes, counts
    ), total AS (
        UPDATE lexstat_total SET removed = removed + (SELECT coalesce(sum(chunks), 0) FROM taken) WHERE company_id = company
    ), tally AS (
        SELECT w.lexeme, sum(w.chunks) AS chunks FROM taken, unnest(lexemes, counts) AS w (lexeme, chunks) GROUP BY w.lexeme
    ), counted AS (
        UPDATE lexstat s SET gone = s.gone + t.chunks FROM tally t WHERE s.company_id = company AND s.lexeme = t.lexeme
        RETURNING s.lexeme, s.chunks, s.gone
    )
    SELECT coalesce(array_agg(lexeme), '{}') INTO doubtful FROM counted WHERE chunks * 19::bigint <= gone * 20::bigint;
    FOREACH word IN ARRAY doubtful LOOP
        PERFORM FROM chunk_lex WHERE company_id = company AND tsv @@ ('''' || word || '''')::tsquery LIMIT 1;
        IF NOT FOUND THEN
            DELETE FROM lexstat WHERE company_id = company AND lexeme = word;
            forgotten := forgotten + 1;
        END IF;
    END LOOP;
    RETURN forgotten;
END $$;
