-- Facts as people ask for them: what was withdrawn, who agreed to be archived, how far pullers have come.
-- Locks: ACCESS EXCLUSIVE on consents and the view message_log for a moment (no rewrite). Table sizes: consents: some
-- million rows; pull_positions: one row for each corp and lane.

-- A refusal or consent may also be heard by call-back or asked for; those sources come later.
ALTER TABLE archive.consents ADD COLUMN source text NOT NULL DEFAULT 'message';

-- The latest answer of each customer to each employee, and in each room. Without a time it is older than all others.
CREATE VIEW archive.consent_state AS
SELECT DISTINCT ON (corp_id, customer_id, lower(employee_id), room_id)
    corp_id, customer_id, lower(employee_id) AS employee_id, room_id, agreed, changed_at, source, msgid
FROM archive.consents
ORDER BY corp_id, customer_id, lower(employee_id), room_id, changed_at DESC NULLS LAST, msgid COLLATE "C" DESC;

-- The highest number each corp's puller gave, repeated messages included.
CREATE TABLE archive.pull_positions (
    corp_id text    NOT NULL,
    lane    integer NOT NULL,
    seq     bigint  NOT NULL,
    PRIMARY KEY (corp_id, lane)
) WITH (fillfactor = 50);

CREATE VIEW archive.pull_cursor AS
SELECT corp_id, max(seq) AS seq FROM archive.pull_positions GROUP BY corp_id;

-- Messages as people read them, withdrawn ones marked. A recall means the message it names; if there is none, the one
-- whose msgid differs by `_external` alone.
CREATE OR REPLACE VIEW archive.message_log AS
SELECT m.*,
    EXISTS (
        SELECT FROM archive.recalls r
        WHERE r.corp_id = m.corp_id AND r.target_base = regexp_replace(m.msgid, '_external$', '')
            AND (r.target_msgid = m.msgid OR NOT EXISTS (
                SELECT FROM archive.messages named
                WHERE named.corp_id = r.corp_id AND named.msgid = r.target_msgid AND named.filed_at = coalesce(
                    r.target_filed_at,
                    (SELECT t.filed_at FROM archive.timeless_messages t
                        WHERE t.corp_id = r.corp_id AND t.msgid = r.target_msgid))
            ))
    ) AS recalled,
    EXISTS (
        SELECT FROM archive.versions v WHERE v.corp_id = m.corp_id AND v.msgid = m.msgid
    ) AS has_other_versions
FROM archive.messages m;

-- What a normal reader sees: neither withdrawn messages nor the withdrawals themselves.
CREATE VIEW archive.visible_messages AS
SELECT * FROM archive.message_log WHERE action = 'send' AND NOT recalled;
