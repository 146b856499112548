create table challenges_rules (
    guild_id bigint primary key,
    channel_id bigint not null,
    zone text not null,
    start_year bigint not null,
    start_week bigint not null,
    needed bigint not null check (needed > 0),
    tolerance bigint not null check (tolerance >= 0),
    price bigint not null check (price >= 0),
    factor bigint not null check (factor >= 0),
    jokers bigint not null check (jokers >= 0)
);

create table challenges_sport (
    guild_id bigint not null,
    sport text not null,
    minutes bigint not null check (minutes > 0),
    primary key (guild_id, sport)
);

create table challenges_member (
    guild_id bigint not null,
    user_id bigint not null,
    first_year bigint not null,
    first_week bigint not null,
    last_year bigint,
    last_week bigint,
    primary key (guild_id, user_id)
);

create table challenges_activity (
    guild_id bigint not null,
    user_id bigint not null,
    day text not null,
    sport text not null,
    number bigint not null,
    year bigint not null,
    week bigint not null,
    minutes bigint not null check (minutes > 0),
    primary key (guild_id, user_id, day, sport, number)
);

create index challenges_activity_by_week on challenges_activity (guild_id, year, week);

create table challenges_joker (
    guild_id bigint not null,
    user_id bigint not null,
    year bigint not null,
    week bigint not null,
    primary key (guild_id, user_id, year, week)
);

create table challenges_payment (
    guild_id bigint not null,
    user_id bigint not null,
    paid_at bigint not null,
    number bigint not null,
    year bigint not null,
    cents bigint not null check (cents > 0),
    recorded_by bigint not null,
    primary key (guild_id, user_id, paid_at, number)
);
