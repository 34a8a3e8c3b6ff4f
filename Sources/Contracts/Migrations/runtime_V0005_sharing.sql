-- Several lanes in one transaction: what begins it costs one call, however many they are.
-- Locks: none that matter (functions only).

DROP FUNCTION {{schema}}.advance_lane(
    integer, bigint, bigint, text[], bigint[], bigint[], text[], bigint[], bigint[], text[], text[], bigint[], bigint);

-- Begins a transaction of one or more lanes: lock, then compare, then set, before anything else is written. Lanes come in
-- ascending order, each with its epoch and the outbox number up to which entries are acknowledged (null: nothing new).
-- Steps of offsets and streams name their lane. A former offset of null means that the lane has none for the topic yet.
CREATE FUNCTION {{schema}}.advance_lanes(
    p_timeout_ms bigint, p_lanes integer[], p_epochs bigint[], p_acknowledged bigint[],
    p_step_lanes integer[], p_topics text[], p_former bigint[], p_next bigint[], p_cluster_ids text[],
    p_last_times bigint[], p_last_key_hashes bigint[],
    p_stream_lanes integer[], p_stream_topics text[], p_stream_sources text[], p_stream_seqs bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_lane integer;
    v_found bigint;
BEGIN
    FOREACH v_lane IN ARRAY p_lanes LOOP
        PERFORM {{schema}}.lock_lane(v_lane, p_timeout_ms);
    END LOOP;
    SELECT count(*) INTO v_found
    FROM unnest(p_lanes, p_epochs) AS claimed (lane, epoch) JOIN {{schema}}.lanes USING (lane, epoch);
    IF v_found <> cardinality(p_lanes) THEN
        RAISE EXCEPTION 'lanes % are not at epochs %', p_lanes, p_epochs USING ERRCODE = 'SF001';
    END IF;

    IF cardinality(p_topics) > 0 THEN
        WITH step AS (
            SELECT * FROM unnest(
                p_step_lanes, p_topics, p_former, p_next, p_cluster_ids, p_last_times, p_last_key_hashes)
                AS s (lane, topic, former, next, cluster_id, last_time, last_key_hash)
        ), moved AS (
            UPDATE {{schema}}.offsets AS stored
            SET next_offset = step.next, last_time = step.last_time, last_key_hash = step.last_key_hash FROM step
            WHERE stored.lane = step.lane AND stored.topic = step.topic AND stored.next_offset = step.former
            RETURNING 1
        ), created AS (
            INSERT INTO {{schema}}.offsets (topic, lane, next_offset, cluster_id, last_time, last_key_hash)
            SELECT topic, lane, next, cluster_id, last_time, last_key_hash FROM step WHERE former IS NULL
            ON CONFLICT (topic, lane) DO NOTHING
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM moved) + (SELECT count(*) FROM created) INTO v_found;
        IF v_found <> cardinality(p_topics) THEN
            RAISE EXCEPTION 'lanes % are not at the offsets given', p_lanes USING ERRCODE = 'SF001';
        END IF;
    END IF;

    IF cardinality(p_stream_topics) > 0 THEN
        INSERT INTO {{schema}}.streams AS stored (topic, lane, source, last_seq)
        SELECT seen.topic, seen.lane, seen.source, seen.seq
        FROM unnest(p_stream_lanes, p_stream_topics, p_stream_sources, p_stream_seqs) AS seen (lane, topic, source, seq)
        ON CONFLICT (lane, topic, source) DO UPDATE SET last_seq = EXCLUDED.last_seq
        WHERE stored.last_seq < EXCLUDED.last_seq;
    END IF;

    IF cardinality(array_remove(p_acknowledged, NULL)) > 0 THEN
        DELETE FROM {{schema}}.outbox
        USING unnest(p_lanes, p_acknowledged) AS gone (lane, seq)
        WHERE outbox.lane = gone.lane AND outbox.seq <= gone.seq;
    END IF;
END
$$;
