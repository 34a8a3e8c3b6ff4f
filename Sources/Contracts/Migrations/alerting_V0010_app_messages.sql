-- Messages of the corp's own app: to one person, with a card that can be changed later.
-- Locks: ACCESS EXCLUSIVE on deliveries for a moment (a wider check, which no row can break); SHARE on attempts while its
-- index is built. Table sizes: one token for
-- each app; one card for each alert and person.

ALTER TABLE alerting.deliveries
    DROP CONSTRAINT deliveries_channel_check,
    ADD CONSTRAINT deliveries_channel_check CHECK (channel IN ('robot', 'webhook', 'app')) NOT VALID;

-- The access token of each app, shared by all copies. One of them renews it at a time.
CREATE TABLE alerting.access_tokens (
    corp_id       text        NOT NULL,
    agent_id      bigint      NOT NULL,
    -- Of the secret it was got with: another secret makes it worthless.
    fingerprint   text        NOT NULL,
    -- Encrypted under a key made from the app's secret; NULL before the first one.
    token         bytea,
    -- One more with each token.
    version       bigint      NOT NULL DEFAULT 0,
    renew_at      timestamptz NOT NULL DEFAULT '-infinity',
    expires_at    timestamptz NOT NULL DEFAULT '-infinity',
    -- Somebody is asking for a new one until then.
    leased_until  timestamptz NOT NULL DEFAULT '-infinity',
    -- The platform refused the secret: nobody asks before this.
    refused_until timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (corp_id, agent_id)
);

-- The alerts that one message told of.
CREATE INDEX attempts_call ON alerting.attempts (call_id);

-- Cards with buttons that people have: each is changed once somebody has dealt with its alert.
CREATE TABLE alerting.cards (
    -- The platform's task_id.
    task_id       text        PRIMARY KEY,
    alert_id      text        NOT NULL REFERENCES alerting.alerts,
    corp_id       text        NOT NULL,
    -- User id, lower case; the delivery's target.
    target_id     text        NOT NULL,
    lane          integer     NOT NULL,
    -- Lets the card be changed once, for 72 hours; NULL when used up. A click brings a new one.
    response_code text,
    sent_at       timestamptz NOT NULL DEFAULT now(),
    -- What the buttons are to say instead, and what they do say; NULL for the buttons as sent.
    wanted        text,
    shown         text,
    attempts      integer     NOT NULL DEFAULT 0,
    -- When the change is due; NULL for none.
    change_at     timestamptz
) WITH (fillfactor = 70);
CREATE INDEX cards_alert ON alerting.cards (alert_id);
CREATE INDEX cards_due ON alerting.cards (lane, corp_id, target_id, change_at) WHERE change_at IS NOT NULL;
