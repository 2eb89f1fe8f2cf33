-- `lethe scrub`: what erased documents are looked for by, and content that lies on disk as it is.

ALTER TABLE document ADD COLUMN fingerprints bytea CHECK (length(fingerprints) <= 256);
ALTER TABLE erased_document ADD COLUMN fingerprints bytea;
COMMENT ON COLUMN document.fingerprints IS 'keyed hashes of some windows of its bytes, 13 bytes each; null: stored before there were any';
COMMENT ON COLUMN erased_document.fingerprints IS 'what its bytes are looked for by; null: scrubbed, or it had none';
CREATE INDEX erased_document_to_scrub ON erased_document (company_id, receipt_id) WHERE fingerprints IS NOT NULL;

-- Content is not compressed, so that whoever looks for its bytes on disk would find them.
ALTER TABLE node ALTER COLUMN title SET STORAGE EXTERNAL;
ALTER TABLE document ALTER COLUMN metadata SET STORAGE EXTERNAL;
ALTER TABLE document_part ALTER COLUMN text SET STORAGE EXTERNAL;
ALTER TABLE chunk_text ALTER COLUMN text SET STORAGE EXTERNAL, ALTER COLUMN headings SET STORAGE EXTERNAL;
ALTER TABLE task ALTER COLUMN result SET STORAGE EXTERNAL;
ALTER TABLE ingestion ALTER COLUMN metadata SET STORAGE EXTERNAL;
ALTER TABLE outbox ALTER COLUMN body SET STORAGE EXTERNAL;

-- Statistics hold samples of values; the planner needs none of these.
ALTER TABLE node ALTER COLUMN title SET STATISTICS 0;
ALTER TABLE document ALTER COLUMN metadata SET STATISTICS 0, ALTER COLUMN fingerprints SET STATISTICS 0;
ALTER TABLE document_part ALTER COLUMN text SET STATISTICS 0, ALTER COLUMN blocks SET STATISTICS 0;
ALTER TABLE chunk_text ALTER COLUMN text SET STATISTICS 0, ALTER COLUMN headings SET STATISTICS 0;
ALTER TABLE chunk_vec ALTER COLUMN embedding SET STATISTICS 0;
ALTER TABLE task ALTER COLUMN result SET STATISTICS 0, ALTER COLUMN error SET STATISTICS 0;
ALTER TABLE ingestion ALTER COLUMN metadata SET STATISTICS 0, ALTER COLUMN file_name SET STATISTICS 0,
    ALTER COLUMN uri SET STATISTICS 0;
ALTER TABLE outbox ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE erased_document ALTER COLUMN fingerprints SET STATISTICS 0;
