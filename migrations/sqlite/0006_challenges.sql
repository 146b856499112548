create table challenges_rules (
    guild_id integer primary key,
    channel_id integer not null,
    zone text not null,
    start_year integer not null,
    start_week integer not null,
    needed integer not null check (needed > 0),
    tolerance integer not null check (tolerance >= 0),
    price integer not null check (price >= 0),
    factor integer not null check (factor >= 0),
    jokers integer not null check (jokers >= 0)
) strict;

create table challenges_sport (
    guild_id integer not null,
    sport text not null,
    minutes integer not null check (minutes > 0),
    primary key (guild_id, sport)
) strict, without rowid;

create table challenges_member (
    guild_id integer not null,
    user_id integer not null,
    first_year integer not null,
    first_week integer not null,
    last_year integer,
    last_week integer,
    primary key (guild_id, user_id)
) strict, without rowid;

create table challenges_activity (
    guild_id integer not null,
    user_id integer not null,
    day text not null,
    sport text not null,
    number integer not null,
    year integer not null,
    week integer not null,
    minutes integer not null check (minutes > 0),
    primary key (guild_id, user_id, day, sport, number)
) strict, without rowid;

create index challenges_activity_by_week on challenges_activity (guild_id, year, week);

create table challenges_joker (
    guild_id integer not null,
    user_id integer not null,
    year integer not null,
    week integer not null,
    primary key (guild_id, user_id, year, week)
) strict, without rowid;

create table challenges_payment (
    guild_id integer not null,
    user_id integer not null,
    paid_at integer not null,
    number integer not null,
    year integer not null,
    cents integer not null check (cents > 0),
    recorded_by integer not null,
    primary key (guild_id, user_id, paid_at, number)
) strict, without rowid;
