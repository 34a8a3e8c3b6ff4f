-- What the monitor found: one row for each message that broke a rule.
-- Locks: none that matter (new table). Table size: a few per cent of the messages; grows without bound.

-- Unique by (corp, msgid, rule): a message that comes again, through whatever partition and whatever version of the
-- rules, finds its row and neither writes nor alerts. A recall does not take a hit away.
CREATE TABLE monitor.hits (
    corp_id         text        NOT NULL,
    msgid           text        NOT NULL,
    rule_id         text        NOT NULL,
    rule_name       text        NOT NULL,   -- as it was called then
    rule_version    text        NOT NULL,   -- of the rule set; its text is in monitor.snapshots
    severity        smallint    NOT NULL CHECK (severity BETWEEN 1 AND 4),
    spans           jsonb       NOT NULL,   -- [{"start","end","pattern"}] in Unicode scalars of the message's text
    conversation_id text        NOT NULL,
    sender_id       text        NOT NULL,
    sender_kind     text        NOT NULL,   -- employee, customer
    employee_id     text,                   -- whose conversation it is
    customer_id     text,                   -- when there is exactly one
    sent_at         timestamptz,            -- msgtime, when plausible
    judged_at       timestamptz NOT NULL,
    forwarded       boolean     NOT NULL,   -- the words were passed on, not written, by the sender
    backfill        boolean     NOT NULL,   -- too old to alert anybody when it was judged
    alert_id        text,                   -- of the alert it raised; null for backfill
    PRIMARY KEY (corp_id, msgid, rule_id),
    CHECK (backfill = (alert_id IS NULL))
);

-- Lists for people, newest first.
CREATE INDEX hits_judged_at ON monitor.hits (corp_id, judged_at);
