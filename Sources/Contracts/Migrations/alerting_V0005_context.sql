-- What came after an alert in its conversation.
-- Locks: none that matter (new tables). Table sizes: a few lines for each alert, a recall for one in a hundred.

-- Lines before the hit are in the alert's own event. No reference to alerting.alerts: an alert that became a dead letter
-- has its lines all the same, and shows them once it is redriven.
CREATE TABLE alerting.context_lines (
    alert_id text   NOT NULL,
    place    bigint GENERATED ALWAYS AS IDENTITY,   -- order within the alert
    msgid    text   NOT NULL,
    line     bytea  NOT NULL,                       -- a ContextLine (JSON)
    PRIMARY KEY (alert_id, msgid)
);

-- The hit, or a line of it, was withdrawn.
CREATE TABLE alerting.context_recalls (
    alert_id text NOT NULL,
    msgid    text NOT NULL,
    PRIMARY KEY (alert_id, msgid)
);
