-- The chat archive: messages by month, and the facts that arrive as messages.
-- Locks: none that matter (new tables). Table sizes: messages grows without bound, up to some hundred million rows.

-- One row per message. A message is (corp, msgid) filed under `filed_at`: the time inside its msgid; only when there is
-- none, a plausible msgtime; else 1970-01-01. It never comes from a clock, so every redelivery finds its row.
-- `raw` is bytea: the bytes as they came (also when they are not UTF-8), without the cost of parsing jsonb.
-- For people: convert_from(raw, 'UTF8')::jsonb.
CREATE TABLE archive.messages (
    filed_at          timestamptz NOT NULL,
    sent_at           timestamptz,                         -- msgtime, for people; order by (sent_at, seq) on read
    ingested_at       timestamptz NOT NULL DEFAULT now(),
    seq               bigint,                              -- the puller's, when it fits
    raw_offset        bigint      NOT NULL,                -- where the record was in chat.raw.v1
    raw_partition     integer     NOT NULL,
    external          boolean     NOT NULL,                -- somebody outside the corp takes part
    forwarded         boolean     NOT NULL,                -- text is other people's words, passed on
    corp_id           text        NOT NULL,
    msgid             text        NOT NULL,
    action            text        NOT NULL,                -- send, recall
    msgtype           text        NOT NULL,
    sender_kind       text        NOT NULL,                -- employee, customer, robot
    sender_id         text        NOT NULL,
    conversation_kind text        NOT NULL,                -- single, group, multi
    conversation_id   text        NOT NULL,                -- s:a|b, g:room, m:hash
    room_id           text,
    recipients        text[]      NOT NULL,
    flags             text[]      NOT NULL,                -- body_invalid, time_suspect, no_recipients, ...
    text              text,                                -- what keyword workers read
    quoted_text       text,                                -- somebody else's words inside a reply
    raw               bytea       NOT NULL,
    -- Time leads, so that a stream of new messages writes at one edge of the index instead of all over it (msgids begin
    -- with a random number). A msgid with a time gives its filed_at, so this alone finds it.
    PRIMARY KEY (filed_at, msgid, corp_id)
) PARTITION BY RANGE (filed_at);

-- Reading a conversation: newest first or forward from a moment, month by month. No corp: ids of rooms and customers are
-- unique by themselves, and what is left is filtered.
CREATE INDEX messages_conversation ON archive.messages (conversation_id, filed_at);

-- No DEFAULT partition: attaching a month would have to scan it under an exclusive lock.
CREATE TABLE archive.messages_undated PARTITION OF archive.messages
    FOR VALUES FROM (MINVALUE) TO ('2016-01-01 00:00+00');
CREATE TABLE archive.messages_past PARTITION OF archive.messages
    FOR VALUES FROM ('2016-01-01 00:00+00') TO ('2020-01-01 00:00+00');
CREATE TABLE archive.messages_future PARTITION OF archive.messages
    FOR VALUES FROM ('2036-01-01 00:00+00') TO (MAXVALUE);

-- Creates what is missing of the months from `first_month` to `last_month` (both included) between 2020 and 2035, and
-- returns how many. A month is made as a table of its own and attached, which leaves readers and writers alone; the
-- worker's role needs no right to create tables.
CREATE FUNCTION archive.ensure_months(first_month date, last_month date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '2s' AS $$
DECLARE
    month   date := date_trunc('month', greatest(first_month, DATE '2020-01-01')::timestamp)::date;
    after   date;
    part    text;
    created integer := 0;
BEGIN
    WHILE month <= least(last_month, DATE '2035-12-31') LOOP
        after := (month + INTERVAL '1 month')::date;
        part := 'messages_' || to_char(month, 'YYYY_MM');
        -- By query, not by to_regclass: that one may answer from a cache that has not heard of a partition made while
        -- this call waited for the lock.
        IF NOT EXISTS (
            SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = 'archive.messages'::regclass AND relname = part
        ) THEN
            PERFORM pg_advisory_xact_lock(hashtextextended('archive.ensure_months', 0));
            IF NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'archive'::regnamespace AND relname = part) THEN
                EXECUTE format('CREATE TABLE archive.%I (LIKE archive.messages INCLUDING DEFAULTS)', part);
                EXECUTE format(
                    'ALTER TABLE archive.messages ATTACH PARTITION archive.%I FOR VALUES FROM (%L) TO (%L)',
                    part, month::timestamp AT TIME ZONE 'UTC', after::timestamp AT TIME ZONE 'UTC');
                created := created + 1;
            END IF;
        END IF;
        month := after;
    END LOOP;
    RETURN created;
END
$$;

SELECT archive.ensure_months((now() - INTERVAL '1 month')::date, (now() + INTERVAL '12 months')::date);

-- Messages whose msgid holds no time: their filed_at depends on msgtime, so only this table makes them unique.
CREATE TABLE archive.timeless_messages (
    corp_id  text        NOT NULL,
    msgid    text        NOT NULL,
    filed_at timestamptz NOT NULL,
    PRIMARY KEY (corp_id, msgid)
);

-- A msgid that came again with other content. The first stays the message; the others are kept here.
CREATE TABLE archive.versions (
    corp_id       text        NOT NULL,
    msgid         text        NOT NULL,
    content_hash  text        NOT NULL,                    -- of everything but what the puller adds (seq, corp_id, ...)
    filed_at      timestamptz NOT NULL,                    -- of the message
    ingested_at   timestamptz NOT NULL DEFAULT now(),
    raw_offset    bigint      NOT NULL,
    raw_partition integer     NOT NULL,
    raw           bytea       NOT NULL,
    PRIMARY KEY (corp_id, msgid, content_hash)
);

-- One row per conversation. Updated once per batch and conversation, in key order.
CREATE TABLE archive.conversations (
    corp_id          text    NOT NULL,
    conversation_id  text    NOT NULL,
    kind             text    NOT NULL,
    external         boolean NOT NULL,
    first_message_at timestamptz,
    last_message_at  timestamptz,
    PRIMARY KEY (corp_id, conversation_id)
) WITH (fillfactor = 80);

-- A withdrawal. May arrive before the message it names, so it is a fact of its own and never changes the message.
CREATE TABLE archive.recalls (
    corp_id         text        NOT NULL,
    target_base     text        NOT NULL,                  -- target_msgid without `_external`: platforms differ
    msgid           text        NOT NULL,                  -- of the recall itself
    target_msgid    text        NOT NULL,
    target_filed_at timestamptz,                           -- when the target's id holds a time
    recalled_by     text        NOT NULL,
    recalled_at     timestamptz,
    PRIMARY KEY (corp_id, target_base, msgid)
);

-- Each answer to the archive notice; the latest by changed_at counts.
CREATE TABLE archive.consents (
    corp_id     text    NOT NULL,
    customer_id text    NOT NULL,
    msgid       text    NOT NULL,
    employee_id text,
    room_id     text,
    agreed      boolean NOT NULL,
    changed_at  timestamptz,
    PRIMARY KEY (corp_id, customer_id, msgid)
);

-- Employees changing the active company in the client. No chat messages; never published.
CREATE TABLE archive.switches (
    corp_id       text        NOT NULL,
    msgid         text        NOT NULL,
    user_id       text        NOT NULL,
    switched_at   timestamptz,
    ingested_at   timestamptz NOT NULL DEFAULT now(),
    raw_offset    bigint      NOT NULL,
    raw_partition integer     NOT NULL,
    raw           bytea       NOT NULL,
    PRIMARY KEY (corp_id, msgid)
);

-- Messages as people read them.
CREATE VIEW archive.message_log AS
SELECT m.*,
    EXISTS (
        SELECT FROM archive.recalls r
        WHERE r.corp_id = m.corp_id AND r.target_base = regexp_replace(m.msgid, '_external$', '')
    ) AS recalled,
    EXISTS (
        SELECT FROM archive.versions v WHERE v.corp_id = m.corp_id AND v.msgid = m.msgid
    ) AS has_other_versions
FROM archive.messages m;
