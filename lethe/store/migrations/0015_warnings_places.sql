-- What was left out of a document, and where in its file its text stands.

ALTER TABLE document ADD COLUMN warnings text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN document.warnings IS 'sentences about what is in the file and not in the text; may name parts of it';

ALTER TABLE document ADD COLUMN places jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN document.places IS 'names of the sheets or parts of the file by their numbers, where they have names';

ALTER TABLE chunk_text ADD COLUMN place integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN chunk_text.place IS 'number of the page, slide, sheet or part in which it begins; 0: the file has none';

COMMENT ON COLUMN document_part.blocks IS '[[number, type, parent, start, end, level, place], ...], without place: 0';

CREATE OR REPLACE VIEW live_document WITH (security_invoker = true) AS
SELECT n.company_id, n.id AS node_id, root.id AS root_id, root.collection, n.artifact, n.title, n.path, n.created_at,
       d.hash, d.characters, d.blocks, d.chunks, d.language, d.input_hash,
       d.metadata || jsonb_build_object('collection', root.collection, 'artifact_id', n.artifact) AS metadata,
       d.file_type, d.places
FROM node n
JOIN node root ON root.company_id = n.company_id AND root.id = n.root_id AND root.state <> 'deleted'
JOIN document d ON d.company_id = n.company_id AND d.node_id = n.id
WHERE n.state = 'live';
