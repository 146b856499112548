-- Who changed what, and why. A guild that is null: the whole bot's. Of somebody who had their data deleted the
-- entry stays, and they are not in it.
create table audit_entry (
    id bigint generated always as identity primary key,
    at bigint not null,
    actor text not null check (actor in ('user', 'shell', 'bot', 'deleted')),
    user_id bigint,
    uid bigint,
    guild_id bigint,
    verb text not null,
    target text not null,
    about_id bigint,
    before text,
    after text,
    reason text,
    check ((actor = 'user') = (user_id is not null)),
    check ((actor = 'shell') = (uid is not null))
);

create index audit_entry_at on audit_entry (at);
create index audit_entry_guild on audit_entry (guild_id, id);
