"""A person at the simulator, with the requests of Discord's own client."""

import json
import urllib.error
import urllib.request
import uuid

# How long a bot may take for anything but starting, in seconds.
PATIENCE = 30


class Failed(Exception):
    """Something is not as it should be."""


class Person:
    def __init__(self, seed, who):
        self.seed = seed
        self.id = seed[who]["id"]
        self.token = seed[who]["token"]
        self.root = seed["api"].removesuffix("/api/v10")
        self.nonces = 0

    def call(self, method, path, body=None, files=()):
        """Sends a request; what is not answered 2xx fails."""
        data, kind = encoded(body, files)
        headers = {"Authorization": self.token, "Content-Type": kind, "Accept": "application/json"}
        request = urllib.request.Request(self.root + path, data, headers, method=method)
        try:
            with opened(request) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Failed(f"{method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(text) if text else None

    def commands(self):
        """The commands this person is shown, by name."""
        path = f"/api/v10/guilds/{self.seed['guild_id']}/application-command-index"
        shown = self.call("GET", path)["application_commands"]
        return {command["name"]: command for command in shown}

    def says(self, content, channel):
        return self.call("POST", f"/api/v10/channels/{channel}/messages", {"content": content})

    def interact(self, kind, data, files=(), follow_ups=0, **more):
        """Starts an interaction and waits until the bot has settled it."""
        self.nonces += 1
        nonce = f"{self.id}{self.nonces}"
        body = {
            "type": kind,
            "application_id": self.seed["application_id"],
            "guild_id": self.seed["guild_id"],
            "channel_id": self.seed["channel_id"],
            "session_id": "0",
            "nonce": nonce,
            "data": data,
            **more,
        }
        self.call("POST", "/api/v10/interactions", body, files)
        wait = f"follow_ups={follow_ups}&wait_ms={PATIENCE * 1000}"
        [settled] = self.call("GET", f"/_sim/interactions?nonce={nonce}&{wait}")
        expect(settled["state"], "answered", data)
        return settled

    def uses(self, name, kind=2, files=(), follow_ups=0, **more):
        """Uses a command, or with kind 4 asks for suggestions; gives what became of it."""
        command = self.commands()[name]
        data = {key: command[key] for key in ("id", "name", "type", "version")}
        return self.interact(kind, {**data, **more}, files, follow_ups)

    def reads(self, name, **more):
        """Uses a command and gives the message that answers."""
        return self.uses(name, **more)["answer"]["message"]


def expect(found, expected, about):
    if found != expected:
        raise Failed(f"{about}: found {found!r}, expected {expected!r}")


def opened(request):
    """Without the proxy of this machine: the simulator is on it."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(request, timeout=3 * PATIENCE)


def encoded(body, files):
    """A body, and its content type."""
    if not files:
        return None if body is None else json.dumps(body).encode(), "application/json"
    border = uuid.uuid4().hex
    parts = [('name="payload_json"', json.dumps(body).encode())]
    parts += [(f'name="files[{n}]"; filename="{name}"', data) for n, (name, data) in enumerate(files)]
    text = b"".join(
        f"--{border}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + data + b"\r\n"
        for head, data in parts
    )
    return text + f"--{border}--\r\n".encode(), f"multipart/form-data; boundary={border}"
