-- Words are indexed by other rules than before: what is stored is marked, and the upkeep of the search
-- (core/search/upkeep.py) makes its words anew from its text. A later change of the rules marks all again.

-- True unless told otherwise, so that a document is marked that an older version stores meanwhile.
ALTER TABLE document ADD COLUMN words_outdated boolean NOT NULL DEFAULT true;
CREATE INDEX document_words_outdated ON document (company_id, node_id) WHERE words_outdated;

-- Which languages a company has, without what is in the trash.
DROP INDEX document_language;
CREATE INDEX document_language ON document (company_id, language) WHERE indexed;
