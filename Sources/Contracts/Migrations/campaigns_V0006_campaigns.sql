-- What the dispatcher knows of customers, their passages through plans, the touches of each, and the tasks made for them.
-- Locks: none that matter (new tables). Table sizes: a row per customer; a touch per step of a passage.

-- Facts about a customer. Each has the moment it is of, so that the same events in any order give the same row.
CREATE TABLE campaigns.customers (
    corp_id     text        NOT NULL,
    customer_id text        NOT NULL,
    -- Whoever spoke with the customer last.
    employee_id text,
    employee_at timestamptz NOT NULL DEFAULT '-infinity',
    opted_out   boolean     NOT NULL DEFAULT false,
    opted_at    timestamptz NOT NULL DEFAULT '-infinity',
    -- NULL: never asked.
    consent     boolean,
    consent_at  timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (corp_id, customer_id)
) WITH (fillfactor = 70);

CREATE TABLE campaigns.tags (
    corp_id     text    NOT NULL,
    customer_id text    NOT NULL,
    tag         text    NOT NULL,
    present     boolean NOT NULL,
    revision    bigint  NOT NULL,
    PRIMARY KEY (corp_id, customer_id, tag)
);

-- Alerts on a customer's own words. Opened and resolved may come in either order.
CREATE TABLE campaigns.complaints (
    corp_id     text NOT NULL,
    customer_id text NOT NULL,
    alert_id    text NOT NULL,
    opened_at   timestamptz,
    resolved_at timestamptz,
    PRIMARY KEY (corp_id, customer_id, alert_id)
);

-- When a condition that a plan ends on was last true: it may come before what starts the plan.
CREATE TABLE campaigns.signals (
    corp_id     text        NOT NULL,
    customer_id text        NOT NULL,
    signal      text        NOT NULL,
    last_at     timestamptz NOT NULL,
    PRIMARY KEY (corp_id, customer_id, signal)
);

-- One passage of a customer through a plan. At most one begins in a day, and at most one runs.
CREATE TABLE campaigns.passages (
    corp_id      text        NOT NULL,
    plan_id      text        NOT NULL,
    customer_id  text        NOT NULL,
    -- The day it began, in the plan's zone.
    occurrence   text        NOT NULL,
    anchor_at    timestamptz NOT NULL,
    plan_version text        NOT NULL,
    -- 'ended_early': one of the plan's ends came. 'finished': every touch came to its end.
    state        text        NOT NULL CHECK (state IN ('running', 'ended_early', 'finished')),
    ended_at     timestamptz,
    PRIMARY KEY (corp_id, plan_id, customer_id, occurrence)
);
CREATE UNIQUE INDEX passages_running ON campaigns.passages (corp_id, customer_id, plan_id) WHERE state = 'running';

-- A mass-send task, or the attempt to make one: one call of add_msg_template.
CREATE TABLE campaigns.tasks (
    -- The attempt; made before the call.
    task_key     text        PRIMARY KEY,
    corp_id      text        NOT NULL,
    employee_id  text        NOT NULL,
    -- The employee's lane, which alone sends for this employee.
    lane         integer     NOT NULL,
    plan_id      text        NOT NULL,
    step_id      text        NOT NULL,
    -- What the platform is asked to compare with.
    text         text        NOT NULL,
    content_hash text        NOT NULL,
    -- 'claimed': a call may be under way; 'asking': nobody knows how it ended, the platform is asked; 'created': the
    -- results are awaited; the others are final.
    state        text        NOT NULL
        CHECK (state IN ('claimed', 'asking', 'created', 'settled', 'returned', 'failed', 'unsure')),
    claimed_at   timestamptz NOT NULL,
    -- After this nobody can still be making the call.
    expires_at   timestamptz NOT NULL,
    -- The platform's id.
    msgid        text,
    -- When the platform is asked next; NULL when it is not.
    ask_at       timestamptz,
    asks         integer     NOT NULL DEFAULT 0,
    detail       text,
    errcode      integer,
    finished_at  timestamptz
) WITH (fillfactor = 70);
CREATE INDEX tasks_due ON campaigns.tasks (lane, ask_at) WHERE ask_at IS NOT NULL;
CREATE UNIQUE INDEX tasks_msgid ON campaigns.tasks (corp_id, msgid) WHERE msgid IS NOT NULL;

-- One step of one passage.
CREATE TABLE campaigns.touches (
    touch_id     text        PRIMARY KEY,
    corp_id      text        NOT NULL,
    plan_id      text        NOT NULL,
    step_id      text        NOT NULL,
    customer_id  text        NOT NULL,
    occurrence   text        NOT NULL,
    -- The customer's lane, where the guards judge.
    lane         integer     NOT NULL,
    priority     integer     NOT NULL,
    anchor_at    timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    -- When it is looked at next, while planned.
    next_at      timestamptz NOT NULL,
    valid_until  timestamptz NOT NULL,
    state        text        NOT NULL CHECK (state IN
        ('planned', 'ready', 'claimed', 'created', 'reached', 'refused', 'failed', 'unsure')),
    -- Why it was put off, refused or failed; a fixed word.
    reason       text,
    plan_version text        NOT NULL,
    employee_id  text,
    -- The employee's lane, from 'ready' on.
    send_lane    integer,
    content_hash text,
    -- When the guards let it pass: it counts against the caps from then on.
    approved_at  timestamptz,
    -- The attempt that has it, or had it.
    task_key     text REFERENCES campaigns.tasks,
    msgid        text,
    finished_at  timestamptz,
    UNIQUE (corp_id, plan_id, step_id, customer_id, occurrence),
    CHECK (state <> 'ready' OR send_lane IS NOT NULL AND employee_id IS NOT NULL),
    CHECK (state NOT IN ('claimed', 'created', 'reached', 'unsure') OR task_key IS NOT NULL)
) WITH (fillfactor = 70);
CREATE INDEX touches_due ON campaigns.touches (lane, next_at) WHERE state = 'planned';
CREATE INDEX touches_ready ON campaigns.touches (send_lane, corp_id, employee_id) WHERE state = 'ready';
CREATE INDEX touches_task ON campaigns.touches (task_key) WHERE task_key IS NOT NULL;
CREATE INDEX touches_customer ON campaigns.touches (corp_id, customer_id, approved_at DESC);
CREATE INDEX touches_passage ON campaigns.touches (corp_id, plan_id, customer_id, occurrence);

-- Each time a guard put a touch off or refused it, and each end of a touch.
CREATE TABLE campaigns.decisions (
    touch_id   text        NOT NULL REFERENCES campaigns.touches,
    decided_at timestamptz NOT NULL,
    state      text        NOT NULL,
    reason     text,
    -- Until when it was put off.
    until      timestamptz
);
CREATE INDEX decisions_touch ON campaigns.decisions (touch_id, decided_at);

-- The access token of each corp's customer contact, shared by all copies. One of them renews it at a time.
CREATE TABLE campaigns.access_tokens (
    corp_id      text        PRIMARY KEY,
    token        text,
    renew_at     timestamptz NOT NULL DEFAULT '-infinity',
    expires_at   timestamptz NOT NULL DEFAULT '-infinity',
    -- Somebody is asking for a new one, or the platform refused the secret: nobody else asks before.
    leased_until timestamptz NOT NULL DEFAULT '-infinity'
);
