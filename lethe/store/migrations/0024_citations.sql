-- What is needed to cite a hit: on which of its chunk's pages it is, and where its document was fetched from.

ALTER TABLE chunk_text ADD COLUMN turns jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN chunk_text.turns IS '[[offset, place, kept, headings], ...]: where in its text place or headings change: '
    'how many of the headings before stay, and those that follow them';

ALTER TABLE document ADD COLUMN source_uri text;
COMMENT ON COLUMN document.source_uri IS 'the address that its content was fetched from, without credentials; null: it was sent';

CREATE OR REPLACE VIEW live_document WITH (security_invoker = true) AS
SELECT n.company_id, n.id AS node_id, n.root_id, root.collection, n.artifact, n.title, n.path, n.created_at,
       d.hash, d.characters, d.blocks, d.chunks, d.language, d.input_hash,
       d.metadata || jsonb_build_object('collection', root.collection, 'artifact_id', n.artifact) AS metadata,
       d.file_type, d.places, d.structured, d.indexed, d.words_outdated, d.fingerprints, d.stored_at,
       n.generation, d.generation AS stored_generation, d.source_uri, d.blob_key, d.bytes
FROM live_node n
JOIN document d ON d.company_id = n.company_id AND d.node_id = n.id
LEFT JOIN live_node root ON root.company_id = n.company_id AND root.id = n.root_id
WHERE n.kind = 'document';
