-- The last lines of each open conversation, so that an alert can show what was said before, and what was withdrawn.
-- Locks: none that matter (new tables). Table sizes: conversations: one row of about 1 kB for each conversation of the
-- last hours; recalls: about a hundredth of the messages of the last days.

-- One row for each conversation, written by the one lane that its messages come through. Its lines replace each other, so
-- the row keeps its size; no index but the key, so that an update stays on its page.
CREATE TABLE monitor.conversations (
    corp_id         text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    lines           bytea[]     NOT NULL,   -- newest last; each one a ContextLine (JSON)
    watches         bytea,                  -- alerts that are told of later lines (JSON); null for none
    touched_at      timestamptz NOT NULL,   -- rows nobody has touched for monitor.context-age are deleted
    PRIMARY KEY (corp_id, conversation_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- What was withdrawn: facts, because a recall may come before its message. Unique by the target's id without
-- `_external`, which recalls name with or without it.
CREATE TABLE monitor.recalls (
    corp_id     text COLLATE "C" NOT NULL,
    target_base text COLLATE "C" NOT NULL,
    stored_at   timestamptz NOT NULL,       -- deleted after a week
    PRIMARY KEY (corp_id, target_base)
);
CREATE INDEX recalls_stored_at ON monitor.recalls (stored_at);
