-- Parked keys, and what operators ask of the lanes' owners; the same in every worker's schema.
-- Locks: dead_letters exclusively while its rows are given their lane: seconds for a million. No other table is touched.
-- Workers built before this step go on; the dead letters they write have no lane, which is their partition then.

ALTER TABLE {{schema}}.dead_letters
    ADD COLUMN lane         integer,
    ADD COLUMN handler_key  bytea,
    ADD COLUMN rule_version text,
    ADD COLUMN outgoing     boolean NOT NULL DEFAULT false;
UPDATE {{schema}}.dead_letters SET
    outgoing = reason = 'refused_by_broker',
    lane = CASE WHEN reason = 'refused_by_broker'
        THEN coalesce(substring(detail FROM 'of lane ([0-9]+):')::integer, 0) ELSE partition END;
CREATE INDEX dead_letters_handler_key ON {{schema}}.dead_letters (lane, handler_key, id) WHERE handler_key IS NOT NULL;

-- held: by an operator, until one releases it; else behind its dead letters. leaves_…: nothing waits any more, but until
-- the lane is past these offsets what the key's records cause goes out by the outbox.
CREATE TABLE {{schema}}.parked_keys (
    lane      integer NOT NULL,
    key       bytea   NOT NULL,
    held      boolean NOT NULL,
    records   bigint  NOT NULL DEFAULT 0,
    bytes     bigint  NOT NULL DEFAULT 0,
    parked_at timestamptz NOT NULL DEFAULT now(),
    leaves_topics  text[],
    leaves_offsets bigint[],
    PRIMARY KEY (lane, key)
) WITH (fillfactor = 50);

-- Records behind their keys; ids of one lane ascend in the order of its transactions.
CREATE TABLE {{schema}}.parked (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lane          integer NOT NULL,
    key           bytea   NOT NULL,
    topic         text    NOT NULL,
    partition     integer NOT NULL,
    "offset"      bigint  NOT NULL,
    record_time   timestamptz,
    record_key    bytea,
    value         bytea,
    header_names  text[]  NOT NULL DEFAULT '{}',
    header_values bytea[] NOT NULL DEFAULT '{}',
    bytes         bigint  NOT NULL
);
CREATE INDEX parked_order ON {{schema}}.parked (lane, key, id);

-- Who asked for what, and why: written by operators, never by a worker. reached and up_to are ids of dead letters: an
-- operation that was interrupted goes on behind the one it has reached.
CREATE TABLE {{schema}}.operations (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action        text   NOT NULL,
    selection     text   NOT NULL,
    asked_by      text   NOT NULL,
    database_user text   NOT NULL DEFAULT session_user,
    reason        text   NOT NULL,
    started_at    timestamptz NOT NULL DEFAULT now(),
    reached       bigint NOT NULL DEFAULT 0,
    up_to         bigint NOT NULL DEFAULT 0,
    finished_at   timestamptz
);
CREATE UNIQUE INDEX operations_unfinished ON {{schema}}.operations (action, selection) WHERE finished_at IS NULL;

-- One row for each thing a lane's owner is asked to do, and what became of it; kept as the record of what was done.
CREATE TABLE {{schema}}.requests (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation    bigint  NOT NULL REFERENCES {{schema}}.operations,
    lane         integer NOT NULL,
    action       text    NOT NULL CHECK (action IN ('redrive', 'discard', 'park', 'unpark')),
    dead_letter  bigint,
    origin       text,
    key          bytea,
    requested_at timestamptz NOT NULL DEFAULT now(),
    done_at      timestamptz,
    outcome      text,
    detail       text,
    CHECK ((action IN ('redrive', 'discard')) = (dead_letter IS NOT NULL)),
    CHECK (action NOT IN ('park', 'unpark') OR key IS NOT NULL)
);
CREATE INDEX requests_waiting ON {{schema}}.requests (lane, id) WHERE done_at IS NULL;
CREATE UNIQUE INDEX requests_one_for_each_letter ON {{schema}}.requests (dead_letter) WHERE done_at IS NULL;
CREATE INDEX requests_operation ON {{schema}}.requests (operation, id);
