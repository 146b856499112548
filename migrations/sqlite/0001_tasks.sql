-- Who owns the tasks: one row. All instants are UTC milliseconds.
create table task_engine (
    id integer primary key check (id = 1),
    epoch integer not null,
    owner text not null,
    opened_at integer not null,
    beat_at integer not null,
    clean integer not null check (clean in (0, 1))
) strict;

create table task (
    id integer primary key autoincrement,
    name text not null check (name <> ''),
    scope text not null,
    unique (name, scope)
) strict;

-- Everything about a task that changes; replaced as a whole.
create table task_cursor (
    task_id integer primary key references task (id) on delete cascade,
    state text not null check (state in ('active', 'stopped', 'failed', 'finished')),
    default_trigger text not null,
    override_trigger text,
    life integer not null,
    anchor_at integer,
    next_at integer,
    wake_at integer,
    retry_slot integer,
    attempt integer not null,
    loop_index integer not null,
    fails integer not null,
    runs_total integer not null,
    skipped integer not null,
    missed integer not null,
    abandoned integer not null,
    records integer not null,
    answered integer not null,
    backfill_at integer,
    backfill_until integer,
    backfill_left integer,
    payload text,
    checkpoint text,
    last_run_at integer,
    last_ok_at integer,
    last_duration_ms integer,
    last_error text,
    updated_by text,
    updated_at integer not null,
    version integer not null,
    check (state = 'active' or wake_at is null),
    check (wake_at is not null or next_at is null),
    check ((backfill_at is not null) = (backfill_until is not null)),
    check ((backfill_at is not null) = (backfill_left is not null))
) strict;

create table task_run (
    task_id integer not null references task (id) on delete cascade,
    number integer not null,
    life integer not null,
    slot_at integer not null,
    attempt integer not null,
    cause text not null check (cause in ('schedule', 'catchup', 'retry', 'manual', 'backfill')),
    state text not null check (
        state in ('running', 'ok', 'error', 'panic', 'timeout', 'cancelled', 'abandoned', 'skipped')
    ),
    missed integer not null,
    epoch integer not null,
    started_at integer not null,
    finished_at integer,
    error text,
    primary key (task_id, number),
    check ((state = 'running') = (finished_at is null))
) strict, without rowid;

create index task_run_live on task_run (task_id) where state = 'running';
create index task_run_abandoned on task_run (task_id, number) where state = 'abandoned';
