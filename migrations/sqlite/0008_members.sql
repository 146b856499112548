-- One look at all members of a guild. Until it is finished, taken_at is null and what comes after the member
-- "reached" has not been looked at.
create table members_snapshot (
    guild_id integer not null,
    begun_at integer not null,
    reached integer not null,
    taken_at integer,
    primary key (guild_id, begun_at)
) strict, without rowid;

-- What a member was from an instant on, and until another; null for what holds still.
create table members_version (
    guild_id integer not null,
    user_id integer not null,
    from_at integer not null,
    until_at integer,
    name text not null,
    display_name text,
    is_bot integer not null,
    joined_at integer,
    roles text not null,
    primary key (guild_id, user_id, from_at)
) strict, without rowid;

create index members_version_from on members_version (guild_id, from_at);
create index members_version_until on members_version (guild_id, until_at) where until_at is not null;

-- Who has agreed to be shown among those with a role.
create table members_consent (
    guild_id integer not null,
    user_id integer not null,
    role_id integer not null,
    given_at integer not null,
    primary key (guild_id, user_id)
) strict, without rowid;

-- Guilds whose list of members Discord refuses.
create table members_forbidden (
    guild_id integer primary key,
    since integer not null
) strict;
