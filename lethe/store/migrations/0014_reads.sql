-- Reading a collection costs what is in it, however much the company has besides.

-- A page of a list is read in its order.
CREATE INDEX node_of_collection ON node (company_id, root_id, created_at, id) WHERE kind = 'document' AND state = 'live';

-- The root of what is live is never deleted: said here, the collection is found by the index of its name.
CREATE OR REPLACE VIEW live_document WITH (security_invoker = true) AS
SELECT n.company_id, n.id AS node_id, root.id AS root_id, root.collection, n.artifact, n.title, n.path, n.created_at,
       d.hash, d.characters, d.blocks, d.chunks, d.language, d.input_hash,
       d.metadata || jsonb_build_object('collection', root.collection, 'artifact_id', n.artifact) AS metadata
FROM node n
JOIN node root ON root.company_id = n.company_id AND root.id = n.root_id AND root.state <> 'deleted'
JOIN document d ON d.company_id = n.company_id AND d.node_id = n.id
WHERE n.state = 'live';
