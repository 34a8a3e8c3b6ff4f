-- A fingerprint of the last record of each offset, and a look at who is in the way.
-- Locks: offsets, exclusively, for a moment. Table size: one row per partition.

-- Of the record before next_offset: its time (milliseconds UTC; null when it had none) and a hash of its key. Without a
-- hash nothing is known of that record.
ALTER TABLE {{schema}}.offsets ADD COLUMN last_time bigint, ADD COLUMN last_key_hash bigint;

DROP FUNCTION {{schema}}.advance_lane(
    integer, bigint, bigint, text[], bigint[], bigint[], text[], text[], text[], bigint[], bigint);

-- Begins a transaction of a lane: lock, then compare, then set, before anything else is written.
-- A former offset of null means that the lane has none for the topic yet.
CREATE FUNCTION {{schema}}.advance_lane(
    p_lane integer, p_epoch bigint, p_timeout_ms bigint,
    p_topics text[], p_former bigint[], p_next bigint[], p_cluster_ids text[],
    p_last_times bigint[], p_last_key_hashes bigint[],
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
            SELECT * FROM unnest(p_topics, p_former, p_next, p_cluster_ids, p_last_times, p_last_key_hashes)
                AS s (topic, former, next, cluster_id, last_time, last_key_hash)
        ), moved AS (
            UPDATE {{schema}}.offsets AS stored
            SET next_offset = step.next, last_time = step.last_time, last_key_hash = step.last_key_hash FROM step
            WHERE stored.lane = p_lane AND stored.topic = step.topic AND stored.next_offset = step.former
            RETURNING 1
        ), created AS (
            INSERT INTO {{schema}}.offsets (topic, lane, next_offset, cluster_id, last_time, last_key_hash)
            SELECT topic, p_lane, next, cluster_id, last_time, last_key_hash FROM step WHERE former IS NULL
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

-- The sessions that hold what sessions of the caller's role and program wait for. With the owner's eyes, because a role
-- may not see what others do; therefore no statement is shown, only its first word if it is one of SQL's.
CREATE FUNCTION {{schema}}.lock_holders(p_program text)
RETURNS TABLE (pid integer, program text, role text, state text, statement text, seconds bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT blocker.pid, nullif(holder.application_name, ''), holder.usename::text, holder.state,
        CASE WHEN upper(split_part(ltrim(holder.query), ' ', 1)) IN (
            'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'COPY', 'LOCK', 'ALTER', 'CREATE', 'DROP', 'TRUNCATE', 'VACUUM',
            'REINDEX', 'CLUSTER', 'REFRESH', 'BEGIN', 'COMMIT'
        ) THEN upper(split_part(ltrim(holder.query), ' ', 1)) END,
        extract(epoch FROM clock_timestamp() - coalesce(holder.xact_start, holder.state_change))::bigint
    FROM pg_stat_activity AS waiting
    CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker (pid)
    LEFT JOIN pg_stat_activity AS holder ON holder.pid = blocker.pid
    WHERE waiting.usename = session_user AND waiting.application_name = left(p_program, 63)
        AND waiting.wait_event_type = 'Lock' AND waiting.pid <> pg_backend_pid()
    ORDER BY 6 DESC NULLS LAST LIMIT 5
$$;
