-- Who may do what in Parley's database: one login a process, nobody more than it needs.
--
-- Run it as a superuser, in Parley's database, after `parley provision` and again after an update:
--     psql --dbname parley --file roles.sql
-- Running it again changes nothing.  The logins have no password yet: give each one (`\password
-- parley_sender`) or let pg_hba.conf ask for certificates.
--
-- Nobody but the owner of the tables may UPDATE, DELETE or TRUNCATE the journal, and the owner is
-- stopped by its triggers.  The owner (who ran `parley provision`) is no login of a process.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'parley_reading', 'parley_appending', 'parley_viewing', 'parley_erasing'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'parley_ingress', 'parley_policy_gate', 'parley_turn_runner', 'parley_evaluator',
        'parley_committer', 'parley_sender', 'parley_scheduler', 'parley_global_agent',
        'parley_relay', 'parley_projector', 'parley_console'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        END IF;
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO parley_reading, parley_projector', current_database()
    );
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO parley_reading;
REVOKE ALL ON FUNCTION stored_events_append FROM PUBLIC;

-- The journal: read, append.  A person's key is made with an append and deleted by an erasure.
GRANT SELECT ON stored_events, subject_keys, journal_notes TO parley_reading;
GRANT parley_reading TO parley_appending;
GRANT INSERT ON stored_events, subject_keys TO parley_appending;
GRANT USAGE ON SEQUENCE stored_events_notification_id_seq TO parley_appending;
GRANT EXECUTE ON FUNCTION stored_events_append TO parley_appending;
GRANT DELETE ON subject_keys TO parley_erasing;

GRANT parley_appending TO
    parley_ingress, parley_policy_gate, parley_turn_runner, parley_evaluator, parley_committer,
    parley_sender, parley_scheduler, parley_global_agent, parley_console;
GRANT parley_erasing TO parley_console;

-- The relay reads the journal and remembers where it stands.
GRANT parley_reading TO parley_relay;
GRANT SELECT, UPDATE ON relay_state TO parley_relay;

-- The console knows who may come in; keys are made and ended by the owner, with `parley keys`.
GRANT SELECT, INSERT, UPDATE, DELETE ON console_sessions, console_links, console_reveals
    TO parley_console;
GRANT SELECT, UPDATE (used_at) ON console_keys TO parley_console;

-- The projector makes its own tables, and whoever asks may read them.
GRANT parley_reading TO parley_projector;
GRANT CREATE ON SCHEMA public TO parley_projector;
-- It measures how far the relay is behind.
GRANT SELECT ON relay_state TO parley_projector;
ALTER DEFAULT PRIVILEGES FOR ROLE parley_projector IN SCHEMA public
    GRANT SELECT ON TABLES TO parley_viewing;
GRANT parley_viewing TO parley_scheduler, parley_global_agent, parley_console;

-- Whoever owns the journal's tables is an operator: erases, recovers, looks.
DO $$
BEGIN
    EXECUTE format(
        'GRANT parley_viewing TO %I',
        (SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'stored_events')
    );
END $$;
