-- A file that cannot be removed is tried again later and later, and keeps no other file waiting. `due_at` stays what it
-- was: a claim that fell due is never settled again.
ALTER TABLE blob_removal
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN retry_at timestamptz;
