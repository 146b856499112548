create table leaderboard_score (
    guild_id integer not null,
    user_id integer not null,
    xp integer not null check (xp >= 0),
    messages integer not null check (messages >= 0),
    awarded_at integer not null,
    primary key (guild_id, user_id)
) strict, without rowid;

create index leaderboard_score_by_xp on leaderboard_score (guild_id, xp desc, awarded_at, user_id);

create index leaderboard_score_by_award on leaderboard_score (awarded_at);

create table leaderboard_board (
    guild_id integer not null,
    user_id integer not null,
    place integer not null,
    xp integer not null,
    updated_at integer not null,
    primary key (guild_id, user_id)
) strict, without rowid;
