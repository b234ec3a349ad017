-- The journal's tables, what guards them, and the one call that appends.
-- Run whole, in one transaction, by one process at a time; running it again changes nothing.

CREATE TABLE IF NOT EXISTS stored_events (
    originator_id text NOT NULL,
    originator_version bigint NOT NULL CHECK (originator_version > 0),
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigserial,
    PRIMARY KEY (originator_id, originator_version)
);
CREATE UNIQUE INDEX IF NOT EXISTS stored_events_notification_id_idx
    ON stored_events (notification_id);

-- The only rows of the journal that may be deleted: with its key, a person's text is gone.
CREATE TABLE IF NOT EXISTS subject_keys (
    subject text NOT NULL,
    generation integer NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject, generation)
);

CREATE TABLE IF NOT EXISTS journal_notes (
    name text PRIMARY KEY,
    value bytea NOT NULL
);

-- History is not changed, by nobody: also not by the owner, nor under
-- session_replication_role = replica (hence ENABLE ALWAYS).
CREATE OR REPLACE FUNCTION stored_events_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'stored_events is append-only: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Append a fact that corrects, or delete the person''s key to erase.';
END $$;
CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION stored_events_refuse();
ALTER TABLE stored_events ENABLE ALWAYS TRIGGER append_only;

-- One writer at a time, so that positions are handed out in the order of the commits and a reader
-- that has seen position n never finds a smaller one later.  It is taken before any position is,
-- by whoever inserts.  An advisory lock, since every table lock that would do also waits for, and
-- cancels, the autovacuum of the table.
CREATE OR REPLACE FUNCTION stored_events_turn() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock('stored_events'::regclass::oid::bigint);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER one_at_a_time
    BEFORE INSERT ON stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION stored_events_turn();
ALTER TABLE stored_events ENABLE ALWAYS TRIGGER one_at_a_time;

-- Appends the facts of several requests at once, numbered by `*_request`.
-- A request is refused, alone and whole, with reason 1 when one of its streams does not stand at
-- the version it was decided on, or with reason 2 when a key it sealed text under is gone.
-- New keys and forgotten people go with the facts that say so, in the same transaction.
-- Positions come back in the order of the facts that were not refused.
CREATE OR REPLACE FUNCTION stored_events_append(
    head_request integer[], head_stream text[], head_version bigint[],
    need_request integer[], need_subject text[], need_generation integer[],
    key_request integer[], key_subject text[], key_generation integer[], key_wrapped bytea[],
    forget text[],
    fact_request integer[], fact_stream text[], fact_version bigint[],
    fact_topic text[], fact_state bytea[],
    OUT positions bigint[], OUT refused integer[], OUT reasons integer[]
)
LANGUAGE plpgsql AS $$
DECLARE
    i integer;
    standing bigint;
BEGIN
    PERFORM pg_advisory_xact_lock('stored_events'::regclass::oid::bigint);
    refused := '{}';
    reasons := '{}';
    FOR i IN 1 .. cardinality(head_request) LOOP
        SELECT originator_version INTO standing FROM stored_events
            WHERE originator_id = head_stream[i]
            ORDER BY originator_version DESC LIMIT 1;
        IF coalesce(standing, 0) <> head_version[i] THEN
            refused := refused || head_request[i];
            reasons := reasons || 1;
        END IF;
    END LOOP;
    FOR i IN 1 .. cardinality(need_request) LOOP
        IF NOT EXISTS (
            SELECT FROM subject_keys
            WHERE subject = need_subject[i] AND generation = need_generation[i]
        ) THEN
            refused := refused || need_request[i];
            reasons := reasons || 2;
        END IF;
    END LOOP;
    IF cardinality(key_request) > 0 THEN
        INSERT INTO subject_keys (subject, generation, wrapped)
            SELECT k.subject, k.generation, k.wrapped
            FROM unnest(key_request, key_subject, key_generation, key_wrapped)
                AS k (request, subject, generation, wrapped)
            WHERE k.request <> ALL (refused);
    END IF;
    WITH added AS (
        INSERT INTO stored_events (originator_id, originator_version, topic, state)
            SELECT f.stream, f.version, f.topic, f.state
            FROM unnest(fact_request, fact_stream, fact_version, fact_topic, fact_state)
                AS f (request, stream, version, topic, state)
            WHERE f.request <> ALL (refused)
            RETURNING notification_id
    )
    SELECT array_agg(notification_id) INTO positions FROM added;
    IF positions IS NULL THEN
        positions := '{}';
    ELSE
        IF cardinality(forget) > 0 THEN
            DELETE FROM subject_keys WHERE subject = ANY (forget);
        END IF;
        NOTIFY stored_events;
    END IF;
END $$;
