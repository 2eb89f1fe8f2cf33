-- What is there for a reader, said once. Whoever shows something asks one of the two views: tests/store/test_there.py.

-- A document that was made of a text can be read before a worker has made it searchable.
ALTER TABLE document ALTER COLUMN blob_key DROP NOT NULL;
COMMENT ON COLUMN document.blob_key IS 'null: its text came with the request, and its original is the open ingestion''s; when that '
    'fails, the text is all there is';
ALTER TABLE document ADD COLUMN structured boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN document.structured IS 'false: its blocks are plain runs of text until its ingestion has ended';

CREATE VIEW live_node WITH (security_invoker = true) AS
SELECT company_id, id, parent_id, path, root_id, kind, generation, position, title, collection, artifact, created_at, updated_at
FROM node WHERE state = 'live';
COMMENT ON VIEW live_node IS 'folders and documents that are in the tree; of a document the content may still be to come';

-- An outer join, which the planner leaves out where no name of the collection is asked for. What is live has a live root.
CREATE OR REPLACE VIEW live_document WITH (security_invoker = true) AS
SELECT n.company_id, n.id AS node_id, n.root_id, root.collection, n.artifact, n.title, n.path, n.created_at,
       d.hash, d.characters, d.blocks, d.chunks, d.language, d.input_hash,
       d.metadata || jsonb_build_object('collection', root.collection, 'artifact_id', n.artifact) AS metadata,
       d.file_type, d.places, d.structured, d.indexed, d.words_outdated, d.fingerprints, d.stored_at,
       n.generation, d.generation AS stored_generation
FROM live_node n
JOIN document d ON d.company_id = n.company_id AND d.node_id = n.id
LEFT JOIN live_node root ON root.company_id = n.company_id AND root.id = n.root_id
WHERE n.kind = 'document';
COMMENT ON VIEW live_document IS 'documents that are in the tree and have content: these are listed, read and searched';
