-- A conversation's row is written once; its first and last message are read from the messages' index.
-- Locks: ACCESS EXCLUSIVE on conversations for a moment (no rewrite). Table size: some million rows at most.

ALTER TABLE archive.conversations DROP COLUMN first_message_at, DROP COLUMN last_message_at;

-- Conversations as people read them. Each time is one look into the index of every month.
CREATE VIEW archive.conversation_log AS
SELECT c.*,
    (SELECT min(m.filed_at) FROM archive.messages m
        WHERE m.conversation_id = c.conversation_id AND m.corp_id = c.corp_id) AS first_message_at,
    (SELECT max(m.filed_at) FROM archive.messages m
        WHERE m.conversation_id = c.conversation_id AND m.corp_id = c.corp_id) AS last_message_at
FROM archive.conversations c;
