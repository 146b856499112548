"""What a bot answers when a person uses it, once in each way that there is."""

import urllib.request

from person import Failed, expect, opened


def registered(person, _others):
    ping = person.commands()["ping"]
    expect(ping["description_localizations"], {"de": "Eine Antwort"}, "words in German")


def reply(person, _others):
    expect(person.reads("ping")["content"], "pong", "ping")
    message = person.reads("secret")
    expect((message["content"], message["flags"] & 64), ("psst", 64), "secret")


def defer(person, _others):
    slow = person.uses("slow", follow_ups=1)
    expect((slow["answer"]["message"]["content"], slow["answer"]["was_deferred"]), ("first", True), "slow")
    expect([message["content"] for message in slow["follow_ups"]], ["second"], "slow")


def complete(person, _others):
    option = {"type": 3, "name": "fruit", "value": "ap"}
    suggested = person.uses("pick", 4, options=[{**option, "focused": True}])["answer"]["choices"]
    expect([choice["value"] for choice in suggested], ["apple", "apricot"], "suggestions")
    picked = person.reads("pick", options=[{**option, "value": "apple"}])
    expect(picked["content"], "picked apple", "pick")


def fill(person, _others):
    modal = person.uses("ask")["answer"]["modal"]
    expect((modal["title"], modal["custom_id"]), ("Form", "form"), "ask")
    field = {"type": 4, "custom_id": "why", "value": "I can"}
    rows = [{"type": 1, "components": [field]}]
    sent = person.interact(5, {"custom_id": "form", "components": rows})
    expect(sent["answer"]["message"]["content"], "because I can", "the form")


def press(person, _others):
    message = person.reads("menu")
    chosen = {"component_type": 3, "custom_id": "choose", "values": ["2"]}
    chosen = person.interact(3, chosen, message_id=message["id"])["answer"]["message"]
    expect(chosen["content"], "chose 2", "the menu")
    picked = {"component_type": 5, "custom_id": "people", "values": [person.id]}
    picked = person.interact(3, picked, message_id=message["id"])["answer"]["message"]
    expect(picked["content"], f"chose {person.seed['member']['username']}", "the menu of people")
    pressed = {"component_type": 2, "custom_id": "press"}
    pressed = person.interact(3, pressed, message_id=message["id"])["answer"]
    expect((pressed["kind"], pressed["message"]["content"]), ("update", "pressed"), "the button")
    expect(pressed["message"]["id"], message["id"], "the button's message")


def card(person, _others):
    [embed] = person.reads("card")["embeds"]
    expect((embed["title"], embed["description"]), ("Card", "with a file"), "card")
    with opened(urllib.request.Request(embed["thumbnail"]["url"])) as file:
        expect(file.read(), b"not quite a picture", "the file")


def members(person, _others):
    expect(person.reads("who")["content"], "4 members", "who")


def options(person, others):
    """A command in a group, with each type of option."""
    seed = person.seed
    moderator = others["moderator"]
    values = [
        (3, "text", "two words"),
        (4, "whole", -2),
        (5, "flag", True),
        (6, "who", moderator.id),
        (7, "where", seed["channel_id"]),
        (8, "role", seed["role_id"]),
        (9, "any", seed["role_id"]),
        (10, "number", 1.5),
        (11, "file", "0"),
    ]
    given = [{"type": kind, "name": name, "value": value} for kind, name, value in values]
    group = {"type": 2, "name": "inner", "options": [{"type": 1, "name": "every", "options": given}]}
    attachments = [{"id": "0", "filename": "notes.txt"}]
    files = [("notes.txt", b"seven b")]
    message = person.reads("deep", files=files, options=[group], attachments=attachments)
    name = seed["moderator"]["username"]
    expected = f"two words|-2|true|{name}|bot-test|tester|tester|1.5|notes.txt seven b"
    expect(message["content"], expected, "options")


def menus(person, others):
    """The commands of the menus of people and messages."""
    seed = person.seed
    waved = person.reads("Wave", target_id=others["moderator"].id)
    expect(waved["content"], f"waves at {seed['moderator']['username']}", "Wave")
    said = person.says("to be quoted", seed["channel_id"])
    expect(person.reads("Quote", target_id=said["id"])["content"], "quotes to be quoted", "Quote")


def permit(person, others):
    """A command that only moderators are shown, and something that even the bot may not do."""
    expect("mods" in person.commands(), False, "a member is shown the command mods")
    expect(others["moderator"].reads("mods")["content"], "for moderators", "mods")
    command = others["moderator"].commands()["mods"]
    data = {key: command[key] for key in ("id", "name", "type", "version")}
    try:
        person.interact(2, data)
    except Failed as refused:
        expect("50013" in str(refused), True, refused)
    else:
        raise Failed("a member used the command mods")
    expect(person.reads("overreach")["content"], "403 50013", "overreach")


ALL = [registered, reply, defer, complete, fill, press, card, members, options, menus, permit]
