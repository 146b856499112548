-- Where each shard's session can be resumed from; replaced when Discord starts a new session.
create table gateway_session (
    shard_id    bigint not null primary key,
    shard_count bigint not null,
    session_id  text   not null,
    resume_url  text   not null,
    sequence    bigint not null,
    updated_at  bigint not null  -- UTC ms: the last moment at which the session was known to be alive
);

-- Up to which event of a session a module's own tables contain the messages of a shard.
create table gateway_mark (
    module     text   not null,
    shard_id   bigint not null,
    session_id text   not null,
    sequence   bigint not null,
    primary key (module, shard_id)
);
