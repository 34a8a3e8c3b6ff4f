-- Who takes part in a conversation, how much each side says, and its first and last message.
-- Locks: ACCESS EXCLUSIVE on the view conversation_log for a moment. Table sizes: participants: some million rows;
-- conversation_totals: one row for each conversation; conversation_deltas: batches of half a minute.

CREATE TABLE archive.participants (
    corp_id         text NOT NULL,
    conversation_id text NOT NULL,
    party_id        text NOT NULL,                         -- employees in lower case: their ids are compared without case
    kind            text NOT NULL,                         -- employee, customer, robot: when first seen
    PRIMARY KEY (corp_id, conversation_id, party_id)
);

CREATE TABLE archive.conversation_totals (
    corp_id           text   NOT NULL,
    conversation_id   text   NOT NULL,
    first_message_at  timestamptz,                         -- msgtime, else the time in the msgid
    last_message_at   timestamptz,
    employee_messages bigint NOT NULL,
    customer_messages bigint NOT NULL,
    robot_messages    bigint NOT NULL,
    PRIMARY KEY (corp_id, conversation_id)
) WITH (fillfactor = 70);

-- What one batch of a lane adds to the totals: parallel arrays, one element for each conversation.
CREATE TABLE archive.conversation_deltas (
    lane             integer       NOT NULL,
    corp_ids         text[]        NOT NULL,
    conversation_ids text[]        NOT NULL,
    first_at         timestamptz[] NOT NULL,
    last_at          timestamptz[] NOT NULL,
    employee         integer[]     NOT NULL,
    customer         integer[]     NOT NULL,
    robot            integer[]     NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE VIEW archive.conversation_delta_log AS
SELECT d.lane, u.corp_id, u.conversation_id, u.first_at, u.last_at, u.employee, u.customer, u.robot
FROM archive.conversation_deltas d,
    unnest(d.corp_ids, d.conversation_ids, d.first_at, d.last_at, d.employee, d.customer, d.robot)
        AS u (corp_id, conversation_id, first_at, last_at, employee, customer, robot);

-- Adds at most so many batches of one lane to the totals and returns how many it found. In the order of the key: two
-- folds at once wait for each other, never crosswise.
CREATE FUNCTION archive.fold_conversations(p_batches integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_lane  integer;
    v_taken tid[];
BEGIN
    SELECT min(lane) INTO v_lane FROM archive.conversation_deltas;
    v_taken := ARRAY(
        SELECT ctid FROM archive.conversation_deltas WHERE lane = v_lane LIMIT p_batches FOR UPDATE SKIP LOCKED);
    IF cardinality(v_taken) = 0 THEN
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM archive.conversation_deltas WHERE ctid = ANY (v_taken) RETURNING *
    )
    INSERT INTO archive.conversation_totals AS t
        (corp_id, conversation_id, first_message_at, last_message_at,
         employee_messages, customer_messages, robot_messages)
    SELECT u.corp_id, u.conversation_id, min(u.first_at), max(u.last_at), sum(u.employee), sum(u.customer), sum(u.robot)
    FROM taken d,
        unnest(d.corp_ids, d.conversation_ids, d.first_at, d.last_at, d.employee, d.customer, d.robot)
            AS u (corp_id, conversation_id, first_at, last_at, employee, customer, robot)
    GROUP BY u.corp_id, u.conversation_id
    ORDER BY u.corp_id COLLATE "C", u.conversation_id COLLATE "C"
    ON CONFLICT (corp_id, conversation_id) DO UPDATE SET
        first_message_at = least(t.first_message_at, excluded.first_message_at),
        last_message_at = greatest(t.last_message_at, excluded.last_message_at),
        employee_messages = t.employee_messages + excluded.employee_messages,
        customer_messages = t.customer_messages + excluded.customer_messages,
        robot_messages = t.robot_messages + excluded.robot_messages;
    RETURN cardinality(v_taken);
END
$$;

-- What was archived before this step: participants are told apart by the shape of their ids, as they were then.
INSERT INTO archive.conversation_totals
SELECT corp_id, conversation_id, min(coalesce(sent_at, nullif(filed_at, 'epoch'))),
    max(coalesce(sent_at, nullif(filed_at, 'epoch'))), count(*) FILTER (WHERE sender_kind = 'employee'),
    count(*) FILTER (WHERE sender_kind = 'customer'), count(*) FILTER (WHERE sender_kind = 'robot')
FROM archive.messages WHERE action = 'send' GROUP BY corp_id, conversation_id;

INSERT INTO archive.participants
SELECT corp_id, conversation_id, party_id, kind FROM (
    SELECT corp_id, conversation_id, kind, CASE kind WHEN 'employee' THEN lower(id) ELSE id END AS party_id
    FROM (
        SELECT corp_id, conversation_id, sender_id AS id, sender_kind AS kind FROM archive.messages
        UNION
        SELECT corp_id, conversation_id, recipient,
            CASE WHEN recipient ~ '^w[mo][A-Za-z0-9_-]{30}$' THEN 'customer'
                 WHEN recipient ~ '^wb[A-Za-z0-9_-]{30}$' THEN 'robot' ELSE 'employee' END
        FROM archive.messages, unnest(recipients) AS recipient
    ) AS seen
) AS people
ON CONFLICT DO NOTHING;

-- Conversations as people read them: the totals, and what is not added to them yet.
DROP VIEW archive.conversation_log;
CREATE VIEW archive.conversation_log AS
SELECT c.*, s.first_message_at, s.last_message_at, coalesce(s.employee_messages, 0) AS employee_messages,
    coalesce(s.customer_messages, 0) AS customer_messages, coalesce(s.robot_messages, 0) AS robot_messages,
    ARRAY(
        SELECT p.party_id FROM archive.participants p
        WHERE p.corp_id = c.corp_id AND p.conversation_id = c.conversation_id ORDER BY p.party_id COLLATE "C"
    ) AS participants
FROM archive.conversations c
LEFT JOIN (
    SELECT corp_id, conversation_id, min(first_at) AS first_message_at, max(last_at) AS last_message_at,
        sum(employee)::bigint AS employee_messages, sum(customer)::bigint AS customer_messages,
        sum(robot)::bigint AS robot_messages
    FROM (
        SELECT corp_id, conversation_id, first_message_at AS first_at, last_message_at AS last_at,
            employee_messages AS employee, customer_messages AS customer, robot_messages AS robot
        FROM archive.conversation_totals
        UNION ALL
        SELECT corp_id, conversation_id, first_at, last_at, employee, customer, robot
        FROM archive.conversation_delta_log
    ) AS parts
    GROUP BY corp_id, conversation_id
) AS s USING (corp_id, conversation_id);
