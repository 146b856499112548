create table leaderboard_score (
    guild_id bigint not null,
    user_id bigint not null,
    xp bigint not null check (xp >= 0),
    messages bigint not null check (messages >= 0),
    awarded_at bigint not null,
    primary key (guild_id, user_id)
);

create index leaderboard_score_by_xp on leaderboard_score (guild_id, xp desc, awarded_at, user_id);

create index leaderboard_score_by_award on leaderboard_score (awarded_at);

create table leaderboard_board (
    guild_id bigint not null,
    user_id bigint not null,
    place bigint not null,
    xp bigint not null,
    updated_at bigint not null,
    primary key (guild_id, user_id)
);
