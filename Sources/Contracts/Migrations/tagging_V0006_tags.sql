-- What customers did, as far as rules may ask, and the tags that follow from it.
-- Locks: none that matter (new tables). Table size: events of the longest window, one row per customer, per (customer,
-- tag) and per change.

-- Unique at the door by (corp, source, type, event id); the first content that came is kept. Rows that no rule can ask for
-- any more are deleted: old ones, except the last of its kind of each customer and alerts that are still open.
CREATE TABLE tagging.events (
    corp_id      text        NOT NULL,
    source       text        NOT NULL,
    type         text        NOT NULL,
    event_id     text        NOT NULL,
    customer_id  text        NOT NULL,
    occurred_at  timestamptz NOT NULL,
    received_at  timestamptz NOT NULL,
    content_hash bigint      NOT NULL,   -- of all members
    side         text,                   -- employee, customer, robot
    order_id     text,
    amount       bigint,                 -- 分
    sku          text,
    alert_id     text,
    rule_id      text,
    PRIMARY KEY (corp_id, source, type, event_id)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.1);
CREATE INDEX events_customer ON tagging.events (corp_id, customer_id, occurred_at);
-- For the deletion of old rows; events come nearly in the order of their time.
CREATE INDEX events_occurred_at ON tagging.events USING brin (occurred_at);

-- The same identity came with other content: kept beside the first, counted nowhere.
CREATE TABLE tagging.conflicts (
    corp_id       text        NOT NULL,
    source        text        NOT NULL,
    type          text        NOT NULL,
    event_id      text        NOT NULL,
    content_hash  bigint      NOT NULL,
    event         bytea       NOT NULL,  -- the record's value
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    times         bigint      NOT NULL DEFAULT 1,
    PRIMARY KEY (corp_id, source, type, event_id, content_hash)
);

-- Each customer somebody spoke of. Its row is locked before its events are looked at. due_at: when a tag may change
-- although nothing happens; the lane's owner then looks again.
CREATE TABLE tagging.customers (
    corp_id      text        NOT NULL,
    customer_id  text        NOT NULL,
    lane         integer     NOT NULL,   -- that heard of it last
    rule_version text        NOT NULL,   -- under which it was scored last; empty for none
    scored_at    timestamptz NOT NULL,
    due_at       timestamptz,
    PRIMARY KEY (corp_id, customer_id)
) WITH (fillfactor = 70);
CREATE INDEX customers_due ON tagging.customers (lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX customers_rule_version ON tagging.customers (lane, corp_id, rule_version);

-- Where each tag that a customer ever had stands.
CREATE TABLE tagging.tags (
    corp_id      text        NOT NULL,
    customer_id  text        NOT NULL,
    tag          text        NOT NULL,
    name         text        NOT NULL,
    held         boolean     NOT NULL,
    revision     bigint      NOT NULL,
    changed_at   timestamptz NOT NULL,   -- when the rule became true or stopped being so
    reason       text        NOT NULL,
    rule_version text        NOT NULL,
    PRIMARY KEY (corp_id, customer_id, tag)
) WITH (fillfactor = 70);
CREATE INDEX tags_held ON tagging.tags (corp_id, tag, changed_at) WHERE held;

-- Every change with its reason, as it was published.
CREATE TABLE tagging.changes (
    corp_id      text        NOT NULL,
    customer_id  text        NOT NULL,
    tag          text        NOT NULL,
    revision     bigint      NOT NULL,   -- counted from 1
    name         text        NOT NULL,
    change       text        NOT NULL CHECK (change IN ('added', 'removed')),
    changed_at   timestamptz NOT NULL,
    decided_at   timestamptz NOT NULL,
    reason       text        NOT NULL,
    rule_version text        NOT NULL,   -- its text is in tagging.snapshots
    PRIMARY KEY (corp_id, customer_id, tag, revision)
);
