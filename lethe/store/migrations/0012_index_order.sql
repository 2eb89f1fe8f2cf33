-- For a company that is newer than the planner's statistics every index that begins with company_id looks as good as
-- the primary key, and a smaller one looks better: a join of 10,000 documents with their nodes then reads all of the
-- company's documents for each of them (40 s instead of 20 ms). So these begin with something else.
DROP INDEX document_language, document_blob, ingestion_blob;
CREATE INDEX document_language ON document (language, company_id);
CREATE INDEX document_blob ON document (blob_key COLLATE "C");
CREATE INDEX ingestion_blob ON ingestion (blob_key COLLATE "C") WHERE blob_key IS NOT NULL;
