"""Plays a person against one of the bots here, and fails when anything is not as at Discord.

    drive.py SEED.json -- COMMAND...

starts COMMAND with SEED.json as its last argument, uses everything the bot has, cuts its connection in
the middle of a frame, and uses it again. What the bot writes on standard error stands in SEED.json.log.
"""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

COMMANDS = {"ping", "secret", "slow", "pick", "ask", "menu", "card", "who"}
# How long a bot may take to start, and for anything else.
STARTING, PATIENCE = 60, 15
# A line of a log that complains, in the three libraries.
COMPLAINT = re.compile(r"\b(WARNING|WARN|ERROR|CRITICAL)\b|^Traceback|Error:|^W |^E ", re.M)
# What a library may say about a connection that was cut on purpose.
CUT = re.compile(r"connect|clos|reset|resum|disconnect|shard|gateway", re.I)


class Failed(Exception):
    """Something is not as it should be."""


class Person:
    def __init__(self, seed):
        self.seed = seed
        self.token = seed["member"]["token"]
        self.root = seed["api"].removesuffix("/api/v10")
        self.nonce = 0
        self.commands = {}

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": self.token, "Content-Type": "application/json"}
        request = urllib.request.Request(self.root + path, data, headers, method=method)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Failed(f"{method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(text) if text else None

    def interact(self, kind, data, **more):
        """Starts an interaction and waits until the bot has settled it."""
        self.nonce += 1
        body = {
            "type": kind,
            "application_id": self.seed["application_id"],
            "guild_id": self.seed["guild_id"],
            "channel_id": self.seed["channel_id"],
            "session_id": "0",
            "nonce": str(self.nonce),
            "data": data,
            **more,
        }
        self.call("POST", "/api/v10/interactions", body)
        path = f"/_sim/interactions?nonce={self.nonce}&wait_ms={PATIENCE * 1000}"
        [settled] = self.call("GET", path)
        expect(settled["state"], "answered", data)
        return settled

    def use(self, name, kind=2, **more):
        command = self.commands[name]
        data = {key: command[key] for key in ("id", "name", "type", "version")}
        return self.interact(kind, {**data, **more})


def expect(found, expected, about):
    if found != expected:
        raise Failed(f"{about}: found {found!r}, expected {expected!r}")


def until(what, look, patience=PATIENCE):
    """Looks until there is something; the bots are other processes, so there is nothing to wait on."""
    end = time.monotonic() + patience
    while not (found := look()):
        if time.monotonic() > end:
            raise Failed(f"{what} did not happen within {patience} s")
        time.sleep(0.05)
    return found


def connect(person, bot):
    path = f"/api/v10/guilds/{person.seed['guild_id']}/application-command-index"

    def registered():
        if bot.poll() is not None:
            raise Failed(f"the bot ended with {bot.returncode}")
        commands = person.call("GET", path)["application_commands"]
        person.commands = {command["name"]: command for command in commands}
        return COMMANDS <= person.commands.keys() and person.call("GET", "/_sim/gateway")["connections"]

    until("registering commands", registered, STARTING)


def reply(person):
    answer = person.use("ping")["answer"]
    expect((answer["kind"], answer["message"]["content"]), ("message", "pong"), "ping")
    message = person.use("secret")["answer"]["message"]
    expect((message["content"], message["flags"] & 64), ("psst", 64), "secret")
    slow = person.use("slow")
    expect((slow["answer"]["message"]["content"], slow["answer"]["was_deferred"]), ("first", True), "slow")
    path = f"/_sim/interactions?id={slow['id']}"
    later = until("a follow-up", lambda: person.call("GET", path)[0]["follow_ups"])
    expect([message["content"] for message in later], ["second"], "slow")


def complete(person):
    option = {"type": 3, "name": "fruit", "value": "ap"}
    suggested = person.use("pick", 4, options=[{**option, "focused": True}])["answer"]["choices"]
    expect([choice["value"] for choice in suggested], ["apple", "apricot"], "suggestions")
    picked = person.use("pick", options=[{**option, "value": "apple"}])["answer"]["message"]
    expect(picked["content"], "picked apple", "pick")


def fill(person):
    modal = person.use("ask")["answer"]["modal"]
    expect((modal["title"], modal["custom_id"]), ("Form", "form"), "ask")
    field = {"type": 4, "custom_id": "why", "value": "I can"}
    rows = [{"type": 1, "components": [field]}]
    sent = person.interact(5, {"custom_id": "form", "components": rows})
    expect(sent["answer"]["message"]["content"], "because I can", "the form")


def press(person):
    message = person.use("menu")["answer"]["message"]
    chosen = {"component_type": 3, "custom_id": "choose", "values": ["2"]}
    chosen = person.interact(3, chosen, message_id=message["id"])["answer"]["message"]
    expect(chosen["content"], "chose 2", "the menu")
    pressed = {"component_type": 2, "custom_id": "press"}
    pressed = person.interact(3, pressed, message_id=message["id"])["answer"]
    expect((pressed["kind"], pressed["message"]["content"]), ("update", "pressed"), "the button")
    expect(pressed["message"]["id"], message["id"], "the button's message")


def look(person):
    message = person.use("card")["answer"]["message"]
    [embed] = message["embeds"]
    expect((embed["title"], embed["description"]), ("Card", "with a file"), "card")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(embed["thumbnail"]["url"]) as file:
        expect(file.read(), b"not quite a picture", "the file")
    expect(person.use("who")["answer"]["message"]["content"], "4 members", "who")


def resume(person):
    before = person.call("GET", "/_sim/gateway")
    person.call("POST", "/_sim/gateway", {"action": "cut"})
    now = until(
        "a resume",
        lambda: (now := person.call("GET", "/_sim/gateway"))["resumes"] > before["resumes"] and now,
        STARTING,
    )
    expect(now["identifies"], before["identifies"], "identifying again")
    expect(person.use("ping")["answer"]["message"]["content"], "pong", "ping after the cut")


def complaints(log, about_cut):
    lines = [line for line in log.splitlines() if COMPLAINT.search(line)]
    return [line for line in lines if not (about_cut and CUT.search(line))]


def main(seed_file, command):
    with open(seed_file, encoding="utf-8") as file:
        person = Person(json.load(file))
    log_file = f"{seed_file}.log"
    with open(log_file, "w", encoding="utf-8") as log:
        bot = subprocess.Popen([*command, seed_file], stdout=log, stderr=log)

    def log():
        with open(log_file, encoding="utf-8") as file:
            return file.read()

    try:
        connect(person, bot)
        for step in (reply, complete, fill, press, look):
            step(person)
            print(f"  {step.__name__}")
        before = log()
        expect(complaints(before, False), [], "the log")
        resume(person)
        print("  resume")
        expect(complaints(log()[len(before) :], True), [], "the log after the cut")
        expect(person.call("GET", "/_sim/gaps"), {"gaps": [], "violations": []}, "the simulator")
    except Failed as error:
        sys.exit(f"{error}\n--- the bot said:\n{log()}")
    finally:
        bot.terminate()
        try:
            bot.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            bot.kill()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3:])
