-- Alerts, their deliveries, and every attempt to deliver.
-- Locks: none that matter (new tables). Table sizes: one alert per hit, a few deliveries each; thousands a day.

CREATE TABLE alerting.alerts (
    alert_id        text PRIMARY KEY,
    corp_id         text        NOT NULL,
    rule_id         text        NOT NULL,
    rule_name       text        NOT NULL,
    severity        smallint    NOT NULL,
    employee_id     text,
    customer_id     text,
    conversation_id text        NOT NULL,
    msgid           text        NOT NULL,
    self_test       boolean     NOT NULL,
    -- The event as it came, hit message included.
    event           bytea       NOT NULL,
    raised_at       timestamptz NOT NULL,
    received_at     timestamptz NOT NULL DEFAULT now(),
    -- 'accepted': deliveries exist; 'undeliverable': no target could be found.
    state           text        NOT NULL CHECK (state IN ('accepted', 'undeliverable'))
);
CREATE INDEX alerts_recent ON alerting.alerts (corp_id, raised_at DESC, alert_id);

-- One alert on its way to one target. All rows of a target belong to one lane, which alone sends to it.
CREATE TABLE alerting.deliveries (
    delivery_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id         text        NOT NULL REFERENCES alerting.alerts,
    corp_id          text        NOT NULL,
    channel          text        NOT NULL CHECK (channel IN ('robot', 'webhook')),
    target_id        text        NOT NULL,
    lane             integer     NOT NULL,
    severity         smallint    NOT NULL,
    state            text        NOT NULL CHECK (state IN ('pending', 'claimed', 'delivered', 'failed')),
    attempts         integer     NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz NOT NULL DEFAULT now(),
    -- The attempt under way, and the moment after which nobody can still be making it.
    claim_id         text,
    claim_expires_at timestamptz,
    -- An earlier attempt may have arrived: the text says so.
    may_be_repeated  boolean     NOT NULL DEFAULT false,
    -- The platform called the message over-long: it is told in fewer words.
    shortened        boolean     NOT NULL DEFAULT false,
    -- Why it failed; a fixed word.
    reason           text,
    finished_at      timestamptz,
    UNIQUE (alert_id, channel, target_id),
    CHECK ((state = 'claimed') = (claim_id IS NOT NULL)),
    CHECK ((state = 'claimed') = (claim_expires_at IS NOT NULL))
) WITH (fillfactor = 70);
-- What a lane looks for several times a second.
CREATE INDEX deliveries_open ON alerting.deliveries (lane, corp_id, channel, target_id, next_attempt_at)
    WHERE state IN ('pending', 'claimed');
CREATE INDEX deliveries_target ON alerting.deliveries (corp_id, channel, target_id, severity DESC, delivery_id)
    WHERE state IN ('pending', 'claimed');
CREATE INDEX deliveries_claim ON alerting.deliveries (claim_id) WHERE claim_id IS NOT NULL;

-- Every attempt and its result.
CREATE TABLE alerting.attempts (
    delivery_id bigint      NOT NULL REFERENCES alerting.deliveries,
    -- The HTTP call. Deliveries merged into one message share it.
    call_id     text        NOT NULL,
    -- The claim it was made under.
    claim_id    text        NOT NULL,
    corp_id     text        NOT NULL,
    channel     text        NOT NULL,
    target_id   text        NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    http_status integer,
    errcode     integer,
    -- NULL while under way.
    outcome     text CHECK (outcome IN ('delivered', 'refused', 'unsure', 'not_sent', 'failed')),
    -- What the call met, as a fixed word.
    detail      text,
    -- Nothing goes to the target before this: its own limit was exceeded.
    pause_until timestamptz,
    PRIMARY KEY (delivery_id, call_id)
);
-- A target's calls of the last minute: its budget.
CREATE INDEX attempts_recent ON alerting.attempts (corp_id, channel, target_id, started_at DESC);
