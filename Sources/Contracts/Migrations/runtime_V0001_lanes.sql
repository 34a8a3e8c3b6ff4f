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

-- Functions, so that what begins every transaction of a lane costs one round trip.
-- SQLSTATE SF001: the lane's epoch or an offset is not what the caller believes. SF002: outbox numbers out of step.

-- The first key of the advisory locks (class, lane): the schema's own id, so schemas never meet.
CREATE FUNCTION {{schema}}.lane_lock_class() RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT '{{schema}}'::regnamespace::oid::integer
$$;

-- Waits for the lane's lock, which is held to the end of the transaction; at most as long as told.
CREATE FUNCTION {{schema}}.lock_lane(p_lane integer, p_timeout_ms bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_class integer := {{schema}}.lane_lock_class();
    v_former text := current_setting('lock_timeout');
BEGIN
    IF pg_try_advisory_xact_lock(v_class, p_lane) THEN
        RETURN;
    END IF;
    PERFORM set_config('lock_timeout', p_timeout_ms::text, true);
    PERFORM pg_advisory_xact_lock(v_class, p_lane);
    PERFORM set_config('lock_timeout', v_former, true);
END
$$;

-- Makes the caller the lanes' owner: raises each epoch once. Locks are taken in ascending order.
CREATE FUNCTION {{schema}}.take_lanes(p_lanes integer[], p_timeout_ms bigint)
RETURNS TABLE (taken_lane integer, taken_epoch bigint, taken_next_seq bigint) LANGUAGE plpgsql AS $$
DECLARE
    v_lane integer;
BEGIN
    FOR v_lane IN SELECT DISTINCT wanted FROM unnest(p_lanes) AS wanted ORDER BY wanted LOOP
        PERFORM {{schema}}.lock_lane(v_lane, p_timeout_ms);
    END LOOP;
    RETURN QUERY
        INSERT INTO {{schema}}.lanes AS stored (lane, epoch, next_seq)
        SELECT DISTINCT wanted, 1, 1 FROM unnest(p_lanes) AS wanted
        ON CONFLICT (lane) DO UPDATE SET epoch = stored.epoch + 1, taken_at = now()
        RETURNING stored.lane, stored.epoch, stored.next_seq;
END
$$;

-- Ends the sessions of our own role that have held one of these lanes' locks for longer than told: such a session may
-- be stuck in COPY with a stopped client, which no time-out frees.
CREATE FUNCTION {{schema}}.terminate_lane_holders(p_lanes integer[], p_held_ms bigint)
RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FILTER (WHERE pg_terminate_backend(held.pid))
    FROM pg_locks AS held
    JOIN pg_stat_activity AS session ON session.pid = held.pid
    WHERE held.locktype = 'advisory' AND held.granted AND held.pid <> pg_backend_pid()
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND held.classid = {{schema}}.lane_lock_class()::oid AND held.objsubid = 2
        AND held.objid = ANY (p_lanes::oid[])
        AND session.usename = current_user
        AND session.xact_start <= clock_timestamp() - p_held_ms * interval '1 millisecond'
$$;

-- Begins a transaction of a lane: lock, then compare, then set, before anything else is written.
-- A former offset of null means that the lane has none for the topic yet.
CREATE FUNCTION {{schema}}.advance_lane(
    p_lane integer, p_epoch bigint, p_timeout_ms bigint,
    p_topics text[], p_former bigint[], p_next bigint[], p_cluster_ids text[],
    p_stream_topics text[], p_stream_sources text[], p_stream_seqs bigint[],
    p_acknowledged bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_stepped bigint;
BEGIN
    PERFORM {{schema}}.lock_lane(p_lane, p_timeout_ms);
    PERFORM FROM {{schema}}.lanes WHERE lane = p_lane AND epoch = p_epoch;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'lane % is not at epoch %', p_lane, p_epoch USING ERRCODE = 'SF001';
    END IF;

    IF cardinality(p_topics) > 0 THEN
        WITH step AS (
            SELECT * FROM unnest(p_topics, p_former, p_next, p_cluster_ids) AS s (topic, former, next, cluster_id)
        ), moved AS (
            UPDATE {{schema}}.offsets AS stored SET next_offset = step.next FROM step
            WHERE stored.lane = p_lane AND stored.topic = step.topic AND stored.next_offset = step.former
            RETURNING 1
        ), created AS (
            INSERT INTO {{schema}}.offsets (topic, lane, next_offset, cluster_id)
            SELECT topic, p_lane, next, cluster_id FROM step WHERE former IS NULL
            ON CONFLICT (topic, lane) DO NOTHING
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM moved) + (SELECT count(*) FROM created) INTO v_stepped;
        IF v_stepped <> cardinality(p_topics) THEN
            RAISE EXCEPTION 'lane % is not at the offsets given', p_lane USING ERRCODE = 'SF001';
        END IF;
    END IF;

    IF cardinality(p_stream_topics) > 0 THEN
        INSERT INTO {{schema}}.streams AS stored (topic, lane, source, last_seq)
        SELECT seen.topic, p_lane, seen.source, seen.seq
        FROM unnest(p_stream_topics, p_stream_sources, p_stream_seqs) AS seen (topic, source, seq)
        ON CONFLICT (lane, topic, source) DO UPDATE SET last_seq = EXCLUDED.last_seq
        WHERE stored.last_seq < EXCLUDED.last_seq;
    END IF;

    IF p_acknowledged IS NOT NULL THEN
        DELETE FROM {{schema}}.outbox WHERE lane = p_lane AND seq <= p_acknowledged;
    END IF;
END
$$;

-- Adds consecutive entries, the first numbered p_first. Headers come flat, each with the index (from 1) of its entry.
CREATE FUNCTION {{schema}}.append_outbox(
    p_lane integer, p_first bigint,
    p_topics text[], p_partitions integer[], p_keys bytea[], p_values bytea[],
    p_header_entries integer[], p_header_names text[], p_header_values bytea[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {{schema}}.lanes SET next_seq = p_first + cardinality(p_topics)
    WHERE lane = p_lane AND next_seq = p_first;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the next outbox entry of lane % is not %', p_lane, p_first USING ERRCODE = 'SF002';
    END IF;
    INSERT INTO {{schema}}.outbox (lane, seq, topic, partition, key, value, header_names, header_values)
    SELECT p_lane, p_first + entry.position - 1, entry.topic, entry.partition, entry.key, entry.value,
        coalesce(header.names, '{}'), coalesce(header.payloads, '{}')
    FROM unnest(p_topics, p_partitions, p_keys, p_values)
        WITH ORDINALITY AS entry (topic, partition, key, value, position)
    LEFT JOIN (
        SELECT one.entry, array_agg(one.name ORDER BY one.position) AS names,
            array_agg(one.payload ORDER BY one.position) AS payloads
        FROM unnest(p_header_entries, p_header_names, p_header_values)
            WITH ORDINALITY AS one (entry, name, payload, position)
        GROUP BY one.entry
    ) AS header ON header.entry = entry.position;
END
$$;
