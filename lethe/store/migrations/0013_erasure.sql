-- How many documents an erasure removed is the number of its rows in erased_document.
ALTER TABLE erasure DROP COLUMN documents;
