-- Receipts hash names and contents under a secret of the company that stands in none of them: who has a receipt alone
-- can guess no name. Receipts that were written before keep their hashes, whose only salt is the node's id beside them.

-- Each row gets a value of its own: 244 random bits, as a random UUID has 122. It is made by whatever makes the company,
-- is in every backup, and goes with the company.
ALTER TABLE company ADD COLUMN receipt_salt bytea NOT NULL
    DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    CONSTRAINT company_salt_is_32_bytes CHECK (length(receipt_salt) = 32);
COMMENT ON COLUMN company.receipt_salt IS 'secret: the key of the hashes in the company''s receipts';

-- What was asked for before ends in a receipt of the old kind: its name is hashed already.
ALTER TABLE erasure ADD COLUMN salted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN erasure.salted IS 'its hashes are made under the company''s receipt_salt';

-- HMAC (RFC 2104) works with two blocks of 64 bytes made of its key. Both, one behind the other: a statement makes them
-- once for all its hashes.
CREATE FUNCTION key_blocks(key bytea) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (
        SELECT string_agg(set_byte('\x00', 0, get_byte(whole.key, at) # pad), ''::bytea ORDER BY pad, at)
        FROM (SELECT key || decode(repeat('00', 64 - length(key)), 'hex')) AS whole (key),
             unnest(ARRAY[54, 92]) AS pad, generate_series(0, 63) AS at);

-- HMAC-SHA-256 over an id and names, each behind a zero byte, in hex; without blocks it is salted_hash.
CREATE FUNCTION keyed_hash(blocks bytea, id text, VARIADIC names text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN blocks IS NULL THEN salted_hash(id, VARIADIC names) ELSE
        encode(sha256(substr(blocks, 65) || sha256(substr(blocks, 1, 64) || convert_to(id, 'UTF8') || (
            SELECT string_agg('\x00'::bytea || convert_to(name, 'UTF8'), ''::bytea ORDER BY place)
            FROM unnest(names) WITH ORDINALITY AS given(name, place)))), 'hex') END;
