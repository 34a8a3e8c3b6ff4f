-- The runtime's own tables; the same in every worker's schema. {{schema}} is replaced by the schema's name.
-- Locks: none that matter (new tables). Table sizes: lanes, offsets: one row per partition; outbox: near empty.

CREATE TABLE {{schema}}.lanes (
    lane      integer PRIMARY KEY,
    epoch     bigint  NOT NULL,
    next_seq  bigint  NOT NULL,
    taken_at  timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE TABLE {{schema}}.offsets (
    topic       text    NOT NULL,
    lane        integer NOT NULL REFERENCES {{schema}}.lanes,
    next_offset bigint  NOT NULL,
    base        bigint  NOT NULL DEFAULT 0,
    cluster_id  text    NOT NULL,
    PRIMARY KEY (topic, lane)
) WITH (fillfactor = 50);

CREATE TABLE {{schema}}.streams (
    topic    text    NOT NULL,
    lane     integer NOT NULL,
    source   text    NOT NULL,
    last_seq bigint  NOT NULL,
    PRIMARY KEY (lane, topic, source)
) WITH (fillfactor = 50);

CREATE TABLE {{schema}}.outbox (
    lane          integer NOT NULL,
    seq           bigint  NOT NULL,
    topic         text    NOT NULL,
    partition     integer,
    key           bytea,
    value         bytea,
    header_names  text[]  NOT NULL DEFAULT '{}',
    header_values bytea[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (lane, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE {{schema}}.dead_letters (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic         text    NOT NULL,
    partition     integer NOT NULL,
    "offset"      bigint  NOT NULL,
    record_time   timestamptz,
    key           bytea,
    value         bytea,
    header_names  text[]  NOT NULL DEFAULT '{}',
    header_values bytea[] NOT NULL DEFAULT '{}',
    reason        text    NOT NULL,
    detail        text    NOT NULL,
    attempts      integer NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dead_letters_reason ON {{schema}}.dead_letters (reason, id);

CREATE TABLE {{schema}}.snapshots (
    kind       text  NOT NULL,
    key        text  NOT NULL,
    version    text  NOT NULL,
    value      bytea NOT NULL,
    adopted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, key, version)
);

CREATE TABLE {{schema}}.heartbeats (
    instance    text PRIMARY KEY,
    started_at  timestamptz NOT NULL,
    beat_at     timestamptz NOT NULL,
    status      jsonb NOT NULL
);
