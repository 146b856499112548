-- When somebody takes part: from a first week on, and to a last one when they have left.
create table challenges_stint (
    guild_id integer not null,
    user_id integer not null,
    first_year integer not null,
    first_week integer not null,
    last_year integer,
    last_week integer,
    primary key (guild_id, user_id, first_year, first_week)
) strict, without rowid;

insert into challenges_stint (guild_id, user_id, first_year, first_week, last_year, last_week)
select guild_id, user_id, first_year, first_week, last_year, last_week from challenges_member
where last_year is null or last_year * 100 + last_week >= first_year * 100 + first_week;

drop table challenges_member;

-- Weeks that were closed; one that nobody closed is void.
create table challenges_closed (
    guild_id integer not null,
    year integer not null,
    week integer not null,
    primary key (guild_id, year, week)
) strict, without rowid;

-- Those that are over already count.
insert into challenges_closed (guild_id, year, week)
with recursive monday (guild_id, day) as (
    select guild_id, date(
        printf('%04d-01-04', start_year), 'weekday 0', '-6 days', printf('+%d days', 7 * (start_week - 1)))
    from challenges_rules
    union all
    select guild_id, date(day, '+7 days') from monday where date(day, '+7 days') <= date('now')
)
select guild_id, cast(strftime('%G', day) as integer), cast(strftime('%V', day) as integer)
from monday where date(day, '+7 days') <= date('now');

-- When the module was switched off everywhere, and on again.
create table challenges_off (
    off_at integer primary key,
    on_at integer
) strict;

alter table challenges_rules add column set_up_by integer not null default 0;
