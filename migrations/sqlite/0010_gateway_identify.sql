-- How many sessions each shard began since one of its lasted; see src/gateway/guard.rs.
create table gateway_identify (
    shard_id bigint not null primary key,
    attempts bigint not null,
    last_at  bigint not null  -- UTC ms: when the last one began
);
