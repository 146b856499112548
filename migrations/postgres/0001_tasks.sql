-- Who owns the tasks: one row. All instants are UTC milliseconds.
create table task_engine (
    id bigint primary key check (id = 1),
    epoch bigint not null,
    owner text not null,
    opened_at bigint not null,
    beat_at bigint not null,
    clean bigint not null check (clean in (0, 1))
);

create table task (
    id bigint generated always as identity primary key,
    name text not null check (name <> ''),
    scope text not null,
    unique (name, scope)
);

-- Everything about a task that changes; replaced as a whole.
create table task_cursor (
    task_id bigint primary key references task (id) on delete cascade,
    state text not null check (state in ('active', 'stopped', 'failed', 'finished')),
    default_trigger text not null,
    override_trigger text,
    life bigint not null,
    anchor_at bigint,
    next_at bigint,
    wake_at bigint,
    retry_slot bigint,
    attempt bigint not null,
    loop_index bigint not null,
    fails bigint not null,
    runs_total bigint not null,
    skipped bigint not null,
    missed bigint not null,
    abandoned bigint not null,
    records bigint not null,
    answered bigint not null,
    backfill_at bigint,
    backfill_until bigint,
    backfill_left bigint,
    payload text,
    checkpoint text,
    last_run_at bigint,
    last_ok_at bigint,
    last_duration_ms bigint,
    last_error text,
    updated_by text,
    updated_at bigint not null,
    version bigint not null,
    check (state = 'active' or wake_at is null),
    check (wake_at is not null or next_at is null),
    check ((backfill_at is not null) = (backfill_until is not null)),
    check ((backfill_at is not null) = (backfill_left is not null))
);

create table task_run (
    task_id bigint not null references task (id) on delete cascade,
    number bigint not null,
    life bigint not null,
    slot_at bigint not null,
    attempt bigint not null,
    cause text not null check (cause in ('schedule', 'catchup', 'retry', 'manual', 'backfill')),
    state text not null check (
        state in ('running', 'ok', 'error', 'panic', 'timeout', 'cancelled', 'abandoned', 'skipped')
    ),
    missed bigint not null,
    epoch bigint not null,
    started_at bigint not null,
    finished_at bigint,
    error text,
    primary key (task_id, number),
    check ((state = 'running') = (finished_at is null))
);

create index task_run_live on task_run (task_id) where state = 'running';
create index task_run_abandoned on task_run (task_id, number) where state = 'abandoned';
