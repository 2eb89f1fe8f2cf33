-- What the search needs besides the chunks themselves.

-- In how many of a company's chunks a lexeme occurs, as counted in the background when enough has changed; a
-- lexeme that is not here counts as rare. Only companies with many chunks have rows: for fewer chunks the search
-- counts what it reads.
CREATE TABLE lexstat (
    company_id  text COLLATE "C" NOT NULL,
    lexeme      text COLLATE "C" NOT NULL,
    chunks      integer NOT NULL CHECK (chunks > 1),
    PRIMARY KEY (company_id, lexeme)
);

CREATE TABLE lexstat_total (
    company_id      text COLLATE "C" PRIMARY KEY REFERENCES company,
    chunks          bigint NOT NULL,
    average_length  double precision NOT NULL CHECK (average_length > 0),
    counted_at      timestamptz NOT NULL
);
COMMENT ON TABLE lexstat_total IS 'size of a company''s text when its lexemes were counted';

-- Which languages a company has, in one probe a language.
CREATE INDEX document_language ON document (company_id, language);

-- What the HNSW index does not hold yet.
CREATE INDEX chunk_vec_unsettled ON chunk_vec (company_id) WHERE NOT settled;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['lexstat', 'lexstat_total'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY company ON %I USING (company_id = acting_company())', name);
    END LOOP;
END $$;
