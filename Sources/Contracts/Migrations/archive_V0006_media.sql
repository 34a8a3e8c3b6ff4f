-- Files of messages, to be fetched behind the stream: the platform keeps them for some days only.
-- Locks: none that matter (new table). Table size: one row for each file, about a tenth of the messages.

CREATE TABLE archive.media_jobs (
    filed_at  timestamptz NOT NULL,                        -- of the message
    size      bigint,                                      -- bytes, as the platform says
    place     integer NOT NULL,                            -- 0, 1, ...: a forwarded record holds several
    corp_id   text    NOT NULL,
    msgid     text    NOT NULL,
    kind      text    NOT NULL,                            -- image, voice, video, file, ...: of the item it is in
    state     text    NOT NULL DEFAULT 'waiting',
    sdkfileid text    NOT NULL,                            -- what the platform is asked for
    md5       text,                                        -- as the platform says: now and then wrong
    file_name text,
    -- Time leads for the same reason as in the messages.
    PRIMARY KEY (filed_at, msgid, corp_id, place)
);

-- Oldest first: those are gone first.
CREATE INDEX media_jobs_waiting ON archive.media_jobs (filed_at) WHERE state = 'waiting';
