-- One look at all members of a guild. Until it is finished, taken_at is null and what comes after the member
-- "reached" has not been looked at.
create table members_snapshot (
    guild_id bigint not null,
    begun_at bigint not null,
    reached bigint not null,
    taken_at bigint,
    primary key (guild_id, begun_at)
);

-- What a member was from an instant on, and until another; null for what holds still.
create table members_version (
    guild_id bigint not null,
    user_id bigint not null,
    from_at bigint not null,
    until_at bigint,
    name text not null,
    display_name text,
    is_bot bigint not null,
    joined_at bigint,
    roles text not null,
    primary key (guild_id, user_id, from_at)
);

create index members_version_from on members_version (guild_id, from_at);
create index members_version_until on members_version (guild_id, until_at) where until_at is not null;

-- Who has agreed to be shown among those with a role.
create table members_consent (
    guild_id bigint not null,
    user_id bigint not null,
    role_id bigint not null,
    given_at bigint not null,
    primary key (guild_id, user_id)
);

-- Guilds whose list of members Discord refuses.
create table members_forbidden (
    guild_id bigint primary key,
    since bigint not null
);
