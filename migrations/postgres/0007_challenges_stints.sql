-- When somebody takes part: from a first week on, and to a last one when they have left.
create table challenges_stint (
    guild_id bigint not null,
    user_id bigint not null,
    first_year bigint not null,
    first_week bigint not null,
    last_year bigint,
    last_week bigint,
    primary key (guild_id, user_id, first_year, first_week)
);

insert into challenges_stint (guild_id, user_id, first_year, first_week, last_year, last_week)
select guild_id, user_id, first_year, first_week, last_year, last_week from challenges_member
where last_year is null or last_year * 100 + last_week >= first_year * 100 + first_week;

drop table challenges_member;

-- Weeks that were closed; one that nobody closed is void.
create table challenges_closed (
    guild_id bigint not null,
    year bigint not null,
    week bigint not null,
    primary key (guild_id, year, week)
);

-- Those that are over already count.
insert into challenges_closed (guild_id, year, week)
select guild_id, to_char(monday, 'IYYY')::bigint, to_char(monday, 'IW')::bigint
from challenges_rules, generate_series(
    to_date(start_year || '-' || start_week, 'IYYY-IW')::timestamp,
    (now() at time zone 'utc') - interval '7 days',
    interval '7 days'
) as monday;

-- When the module was switched off everywhere, and on again.
create table challenges_off (
    off_at bigint primary key,
    on_at bigint
);

alter table challenges_rules add column set_up_by bigint not null default 0;
