-- Which modules were switched, in a guild or (guild_id 0) everywhere; where there is no row the default of the
-- code holds. Up to and with the event named, the switch stood the other way.
create table switches_module (
    module text not null,
    guild_id integer not null,
    is_on integer not null check (is_on in (0, 1)),
    shard_id integer not null,
    session_id text not null,
    sequence integer not null,
    primary key (module, guild_id)
) strict, without rowid;

-- Guilds whose own command list at Discord may have commands.
create table switches_list (
    guild_id integer not null primary key
) strict, without rowid;
