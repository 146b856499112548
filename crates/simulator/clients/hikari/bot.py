"""The test bot in hikari: everything that drive/ asks for."""

import json
import os
import sys

import hikari

import govern
import replies
import work

with open(sys.argv[1], encoding="utf-8") as file:
    SEED = json.load(file)

MODULES = (replies, work, govern)

# What the library could not make sense of, it tells only here.
LOGS = {name: {"level": "DEBUG"} for name in ("hikari.entity_factory", "hikari.event_manager")}

bot = hikari.GatewayBot(
    SEED["bot_token"],
    banner=None,
    intents=hikari.Intents.ALL_UNPRIVILEGED | hikari.Intents.GUILD_MEMBERS,
    logs={"version": 1, "incremental": True, "loggers": {"hikari": {"level": "INFO"}, **LOGS}},
    rest_url=SEED["api"],
    suppress_optimization_warning=True,
)


@bot.listen()
async def register(_event: hikari.StartedEvent) -> None:
    commands = [it for module in MODULES for it in module.commands(bot.rest)]
    await bot.rest.set_application_commands(SEED["application_id"], commands)
    await bot.rest.set_application_commands(SEED["application_id"], commands, guild=SEED["guild_id"])
    print("ready", flush=True)


@bot.listen()
async def hear(event: hikari.ShardPayloadEvent) -> None:
    work.HEARD.add(event.name)


@bot.listen()
async def answer(event: hikari.CommandInteractionCreateEvent) -> None:
    name = event.interaction.command_name.lower()
    answers = {**replies.ANSWERS, **work.ANSWERS, **govern.ANSWERS}
    await answers[name](bot, event.interaction)


@bot.listen()
async def suggest(event: hikari.AutocompleteInteractionCreateEvent) -> None:
    await replies.suggest(event.interaction)


@bot.listen()
async def use(event: hikari.ComponentInteractionCreateEvent) -> None:
    await replies.use(event.interaction)


@bot.listen()
async def submit(event: hikari.ModalInteractionCreateEvent) -> None:
    why = event.interaction.components[0].components[0].value
    await event.interaction.create_initial_response(replies.REPLY, f"because {why}")


@bot.listen()
async def talk(event: hikari.DMMessageCreateEvent) -> None:
    if event.is_human:
        await event.message.respond(f"you said {event.content}")


bot.run(
    activity=hikari.Activity(name="a test"),
    check_for_updates=False,
    shard_count=int(os.environ.get("BOT_SHARDS", "1")),
    status=hikari.Status.IDLE,
)
