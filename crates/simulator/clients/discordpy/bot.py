"""The test bot in discord.py: everything that drive/ asks for."""

import json
import logging
import os
import sys

import discord
import yarl
from discord import app_commands

import govern
import replies
import work

with open(sys.argv[1], encoding="utf-8") as file:
    SEED = json.load(file)
SHARDS = int(os.environ.get("BOT_SHARDS", "1"))

discord.http.Route.BASE = SEED["api"]
address = yarl.URL(SEED["api"])
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL.build(
    scheme="ws", host=address.host, port=address.port
)
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False

intents = discord.Intents.default()
intents.members = True
presence = {"activity": discord.Game("a test"), "status": discord.Status.idle}
if SHARDS > 1:
    client = discord.AutoShardedClient(intents=intents, shard_count=SHARDS, **presence)
else:
    client = discord.Client(intents=intents, **presence)
tree = app_commands.CommandTree(client)
for module in (replies, work, govern):
    for command in module.COMMANDS:
        tree.add_command(command)


class German(app_commands.Translator):
    async def translate(self, string, locale, _context):
        is_asked = locale is discord.Locale.german and string.message == "A plain reply"
        return "Eine Antwort" if is_asked else None


class Telling(logging.Filter):
    """What is worth a line, and what the library could not make sense of."""

    def filter(self, record):
        return record.levelno >= logging.INFO or "nknown" in record.getMessage()[:60]


@client.event
async def setup_hook():
    await tree.set_translator(German())
    guild = discord.Object(SEED["guild_id"])
    tree.copy_global_to(guild=guild)
    await tree.sync(guild=guild)
    await tree.sync()


@client.event
async def on_ready():
    print("ready", flush=True)


@client.event
async def on_socket_event_type(name):
    work.HEARD.add(name)


@client.event
async def on_message(message):
    if message.guild is None and message.author != client.user:
        await message.channel.send(f"you said {message.content}")


handler = logging.StreamHandler()
handler.addFilter(Telling())
form = logging.Formatter("%(levelname)s %(name)s: %(message)s")
client.run(SEED["bot_token"], log_handler=handler, log_formatter=form, log_level=logging.DEBUG)
