"""Plays people against one of the bots here, and fails when anything is not as at Discord.

    python3 drive SEED.json [--limits] -- COMMAND...

starts COMMAND with SEED.json as its last argument, uses everything the bot has, and disturbs its
connections in every way. The environment variable BOT_SHARDS says how many the bot has; 1 if it does
not. With --limits the bot asks for less: on one machine it would otherwise ask more often than 50 times
in a second, which no network lets it do, and not every library holds itself back from that.
"""

import json
import os
import sys

import answers
import life
from bot import Bot
from person import Failed, Person, expect


def play(bot, people, has_limits):
    member = people["member"]
    bot.ready()
    shards = int(os.environ.get("BOT_SHARDS", "1"))
    connected = member.call("GET", "/_sim/gateway")["connections"]
    expect(sorted(it["shard"] for it in connected), [[n, shards] for n in range(shards)], "shards")
    last = [life.hurry] if has_limits else [life.govern, life.hurry]
    for step in [*answers.ALL, life.talk, life.work, *last]:
        step(member, people)
        bot.check()
        print(f"  {step.__name__}")
    for order, resumes in life.DISTURBANCES:
        life.disturb(member, bot, order, resumes)
        print(f"  {order['action']}")
    expect(member.call("GET", "/_sim/gaps"), {"gaps": [], "violations": []}, "the simulator")


def main(seed_file, *rest):
    command = rest[rest.index("--") + 1 :]
    with open(seed_file, encoding="utf-8") as file:
        seed = json.load(file)
    people = {who: Person(seed, who) for who in ("member", "moderator", "owner")}
    bot = Bot([*command, seed_file])
    try:
        play(bot, people, "--limits" in rest)
    except Failed as error:
        bot.end()
        sys.exit("\n".join([str(error), "--- the bot said:", *bot.lines]))
    bot.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
