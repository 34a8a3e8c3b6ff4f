-- Alerts that joined an earlier one instead of being told.
-- Locks: ACCESS EXCLUSIVE on alerts while the two indexes are built. Table size: thousands of rows a day.

ALTER TABLE alerting.alerts
    -- When the message was said; NULL for alerts of before.
    ADD COLUMN said_at timestamptz,
    -- The alert it joined: the same rule, the same conversation, within the cool-down.
    ADD COLUMN merged_into text REFERENCES alerting.alerts,
    DROP CONSTRAINT alerts_state_check,
    ADD CONSTRAINT alerts_state_check CHECK (state IN ('accepted', 'merged', 'undeliverable')),
    ADD CONSTRAINT alerts_merged_check CHECK ((state = 'merged') = (merged_into IS NOT NULL));

-- The last alert told of a rule in a conversation.
CREATE INDEX alerts_told ON alerting.alerts (corp_id, conversation_id, rule_id, said_at DESC)
    WHERE state = 'accepted';
CREATE INDEX alerts_merged ON alerting.alerts (merged_into, said_at) WHERE merged_into IS NOT NULL;
