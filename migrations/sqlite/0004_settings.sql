-- What guilds have set; where there is no row the default of the code holds.
create table settings_value (
    guild_id integer not null,
    key text not null,
    value text not null,
    primary key (guild_id, key)
) strict, without rowid;
