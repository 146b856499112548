"""What goes on around a bot: direct messages, its own work, and the ways a connection ends."""

from person import PATIENCE, Failed, expect

# Events that work and talk must have caused, by Discord's names.
EVENTS = {
    "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_REACTION_ADD", "THREAD_CREATE",
    "THREAD_DELETE", "GUILD_ROLE_CREATE", "GUILD_ROLE_DELETE", "GUILD_MEMBER_UPDATE",
    "GUILD_AUDIT_LOG_ENTRY_CREATE", "CHANNEL_UPDATE", "WEBHOOKS_UPDATE",
}  # fmt: skip


def direct_messages(person):
    return person.call("POST", "/api/v10/users/@me/channels", {"recipient_id": person.seed["application_id"]})


def answered(person, content, seen):
    """Waits until the transcript has this line after the first `seen`."""
    lines = []
    while all(line["text"] != content for line in lines):
        since = seen + len(lines)
        new = person.call("GET", f"/_sim/transcript?since={since}&wait_ms={PATIENCE * 1000}")
        if not new:
            raise Failed(f"nobody said {content!r} within {PATIENCE} s")
        lines += new


def seen(person):
    return len(person.call("GET", "/_sim/transcript"))


def talk(person, _others):
    channel = direct_messages(person)["id"]
    before = seen(person)
    person.says("hello", channel)
    answered(person, "you said hello", before)


def work(person, _others):
    """Threads, reactions, edits, webhooks, roles, reasons in the audit log: the bot checks them."""
    expect(person.reads("work")["content"], "worked", "work")
    heard = set(person.reads("heard")["content"].split())
    expect(sorted(EVENTS - heard), [], "events that the bot did not hear")


def govern(person, others):
    """Channels, invites, emojis, events, bans; in the end the moderator is out."""
    moderator = {"type": 6, "name": "moderator", "value": others["moderator"].id}
    expect(person.reads("govern", options=[moderator])["content"], "governed", "govern")


def hurry(person, _others):
    """More messages than a channel takes at once; the library must hold them back by itself."""
    expect(person.reads("hurry")["content"], "said 12", "hurry")


def disturb(person, bot, order, resumes):
    """Disturbs every connection; meanwhile somebody speaks, which the bot must hear afterwards."""
    channel = direct_messages(person)["id"]
    before = person.call("GET", "/_sim/gateway")
    shards = len(before["connections"])
    lines = seen(person)
    bot.check()
    person.call("POST", "/_sim/gateway", order)
    if resumes:
        person.says(f"during {order['action']}", channel)
    key = "resumes" if resumes else "identifies"
    wanted = before[key] + shards
    now = person.call("GET", f"/_sim/gateway?{key}={wanted}&wait_ms={2 * PATIENCE * 1000}")
    expect((now[key], len(now["connections"])), (wanted, shards), f"{key} after {order}")
    if resumes:
        expect(now["identifies"], before["identifies"], "identifying again")
        answered(person, f"you said during {order['action']}", lines)
    expect(person.reads("ping")["content"], "pong", f"ping after {order}")
    # What a library says about a connection that was disturbed on purpose is no complaint.
    bot.unchecked()


DISTURBANCES = [
    ({"action": "cut"}, True),
    ({"action": "reconnect"}, True),
    ({"action": "close", "code": 4000}, True),
    ({"action": "drop"}, True),
    ({"action": "invalid"}, False),
]
