-- What becomes of an alert: its state, what people did about it, escalations; and severities raised by frequency.
-- Locks: ACCESS EXCLUSIVE on alerts and deliveries while the indexes are built. Table sizes: thousands of rows a day.

ALTER TABLE alerting.alerts
    -- Who spoke: 'customer', 'employee' or 'robot'; NULL for alerts of before.
    ADD COLUMN side text,
    -- The rule's severity where the customer's other hits raised it; severity is what it was raised to.
    ADD COLUMN raised_from smallint;
-- A customer's hits of a day.
CREATE INDEX alerts_of_customer ON alerting.alerts (corp_id, customer_id, said_at) WHERE side = 'customer';

ALTER TABLE alerting.deliveries
    -- 0: the alert itself; else the number of the escalation it tells of.
    ADD COLUMN escalation integer NOT NULL DEFAULT 0,
    DROP CONSTRAINT deliveries_alert_id_channel_target_id_key,
    ADD CONSTRAINT deliveries_once UNIQUE (alert_id, escalation, channel, target_id);

-- Where each alert stands that did not join another. Alerts that joined share the state of theirs. Made from the facts in
-- actions and escalations, and changed only under its row lock.
CREATE TABLE alerting.alert_states (
    alert_id        text PRIMARY KEY REFERENCES alerting.alerts,
    corp_id         text        NOT NULL,
    -- Fires its escalations.
    lane            integer     NOT NULL,
    severity        smallint    NOT NULL,
    state           text        NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
    -- 1 when opened; one more with each change of the state.
    revision        integer     NOT NULL,
    -- Who acknowledged or resolved it; NULL while open.
    holder          text,
    result          text CHECK (result IN ('genuine', 'false_alarm', 'appeased', 'legal')),
    opened_at       timestamptz NOT NULL,
    -- First acknowledged or resolved.
    acknowledged_at timestamptz,
    -- NULL unless resolved now.
    resolved_at     timestamptz,
    -- Steps escalated since the last change of the state, and in all.
    step            integer     NOT NULL DEFAULT 0,
    escalations     integer     NOT NULL DEFAULT 0,
    -- When the next step is due; NULL for none.
    escalates_at    timestamptz,
    CHECK ((state = 'open') = (holder IS NULL)),
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
    CHECK ((state = 'resolved') = (result IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX alert_states_due ON alerting.alert_states (lane, escalates_at) WHERE escalates_at IS NOT NULL;
CREATE INDEX alert_states_unresolved ON alerting.alert_states (severity) WHERE state <> 'resolved';

-- What people did, and what was decided about it.
CREATE TABLE alerting.actions (
    corp_id    text        NOT NULL,
    action_id  text        NOT NULL,
    place      bigint GENERATED ALWAYS AS IDENTITY,   -- order of decisions
    -- The alert they meant, and the one whose state it is about: another one where that had joined.
    alert_id   text        NOT NULL REFERENCES alerting.alerts,
    head_id    text        NOT NULL REFERENCES alerting.alert_states,
    kind       text        NOT NULL CHECK (kind IN ('acknowledge', 'resolve', 'reopen', 'comment')),
    actor      text        NOT NULL,
    origin     text        NOT NULL CHECK (origin IN ('page', 'card', 'command')),
    acted_at   timestamptz NOT NULL,
    result     text,
    note       text,
    outcome    text        NOT NULL CHECK (outcome IN ('applied', 'unchanged', 'too_late')),
    -- Who had it afterwards, and the state's revision then.
    holder     text,
    revision   integer     NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (action_id, corp_id)
);
CREATE INDEX actions_head ON alerting.actions (head_id, place);

-- Steps of escalation, each decided once.
CREATE TABLE alerting.escalations (
    alert_id   text        NOT NULL REFERENCES alerting.alert_states,
    number     integer     NOT NULL,
    -- The state that lasted too long, by its revision, and the step counted within it.
    revision   integer     NOT NULL,
    step       integer     NOT NULL,
    state      text        NOT NULL CHECK (state IN ('open', 'acknowledged')),
    holder     text,
    -- User ids of those who are told now.
    recipients text[]      NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (alert_id, number),
    UNIQUE (alert_id, revision, step)
);

-- All that happened to an alert; order by decided_at, place.
CREATE VIEW alerting.history AS
    SELECT alert_id, opened_at AS decided_at, 0::bigint AS place, opened_at AS at, 'opened' AS event, NULL::text AS actor,
        NULL::text AS result, NULL::text AS note, 'applied' AS outcome, NULL::text AS holder, '{}'::text[] AS recipients
    FROM alerting.alert_states
    UNION ALL
    SELECT head_id, decided_at, place, acted_at, kind, actor, result, note, outcome, holder, '{}'
    FROM alerting.actions
    UNION ALL
    SELECT alert_id, decided_at, number, decided_at, 'escalated', NULL, NULL, NULL, 'applied', holder, recipients
    FROM alerting.escalations;

-- Alerts of before that somebody can still have a link to. They don't escalate.
INSERT INTO alerting.alert_states (alert_id, corp_id, lane, severity, state, revision, opened_at)
SELECT alert_id, corp_id, 0, severity, 'open', 1, raised_at FROM alerting.alerts
WHERE merged_into IS NULL AND NOT self_test AND received_at > now() - interval '7 days';
