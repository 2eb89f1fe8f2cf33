-- The console in the browser: who is signed in, and what changes while somebody is looking.

-- Somebody's sign-in with a token. It is worth nothing without the token, whose revocation or expiry ends it. Unlogged:
-- no backup has it, and after a crash of the database people sign in again.
CREATE UNLOGGED TABLE session (
    company_id   text COLLATE "C" NOT NULL,
    hash         bytea NOT NULL CONSTRAINT session_hash_taken UNIQUE,
    token_id     text COLLATE "C" NOT NULL,
    once         boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (company_id, hash),
    FOREIGN KEY (company_id, token_id) REFERENCES token (company_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN session.hash IS 'SHA-256 of the secret, which only the browser has';
COMMENT ON COLUMN session.once IS 'not signed in yet: an address that was printed and signs in once';
CREATE INDEX session_expired ON session (expires_at);
ALTER TABLE session ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY company ON session USING (company_id = acting_company() OR acting_company() = '*');

-- As with the tree (0029): every commit that changes one of these tells so, for pages that show it.
CREATE FUNCTION tell_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('lethe_changed', coalesce(acting_company(), '*') || ' ' || TG_ARGV[0]);
    RETURN NULL;
END $$;

CREATE TRIGGER tell_changed AFTER INSERT OR UPDATE ON task FOR EACH STATEMENT EXECUTE FUNCTION tell_changed('tasks');
CREATE TRIGGER tell_changed AFTER INSERT ON receipt FOR EACH STATEMENT EXECUTE FUNCTION tell_changed('receipts');
CREATE TRIGGER tell_changed AFTER INSERT OR UPDATE ON token FOR EACH STATEMENT EXECUTE FUNCTION tell_changed('tokens');
