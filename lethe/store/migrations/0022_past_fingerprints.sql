-- What a document held before is looked for after its erasure too: names that were changed, content that was replaced.

ALTER TABLE node ADD COLUMN past_fingerprints bytea;
ALTER TABLE node ALTER COLUMN past_fingerprints SET STATISTICS 0;
COMMENT ON COLUMN node.past_fingerprints IS 'of what a document held before its present content and of names that it was given, '
    'the newest first, as document.fingerprints has them';

CREATE FUNCTION joined_fingerprints(newer bytea, older bytea) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN (
    SELECT string_agg(fingerprint, ''::bytea ORDER BY place) FROM (
        SELECT substr(bytes, start, 13) AS fingerprint, min(start) AS place
        FROM (SELECT coalesce(newer, '') || coalesce(older, '') AS bytes) b, generate_series(1, length(bytes), 13) start
        GROUP BY fingerprint ORDER BY place LIMIT 95
    ) newest
);
COMMENT ON FUNCTION joined_fingerprints IS 'each once, and so many that five contents or a dozen changes of names fit';
