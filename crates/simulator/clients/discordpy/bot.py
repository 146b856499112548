"""The test bot in discord.py: everything that drive.py asks for."""

import io
import json
import logging
import sys

import discord
import yarl
from discord import app_commands

with open(sys.argv[1], encoding="utf-8") as file:
    SEED = json.load(file)
FRUITS = ["apple", "apricot", "banana"]

discord.http.Route.BASE = SEED["api"]
address = yarl.URL(SEED["api"])
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL.build(
    scheme="ws", host=address.host, port=address.port
)
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False

intents = discord.Intents.default()
intents.members = True
client = discord.Client(intents=intents)
tree = app_commands.CommandTree(client)


@tree.command(description="A plain reply")
async def ping(interaction: discord.Interaction):
    await interaction.response.send_message("pong")


@tree.command(description="A reply for one")
async def secret(interaction: discord.Interaction):
    await interaction.response.send_message("psst", ephemeral=True)


@tree.command(description="A promise, an edit, a follow-up")
async def slow(interaction: discord.Interaction):
    await interaction.response.defer()
    await interaction.edit_original_response(content="first")
    await interaction.followup.send("second")


@tree.command(description="Suggestions")
@app_commands.describe(fruit="Which one")
async def pick(interaction: discord.Interaction, fruit: str):
    await interaction.response.send_message(f"picked {fruit}")


@pick.autocomplete("fruit")
async def fruits(_interaction: discord.Interaction, current: str):
    fitting = [fruit for fruit in FRUITS if fruit.startswith(current)]
    return [app_commands.Choice(name=fruit, value=fruit) for fruit in fitting]


class Form(discord.ui.Modal, title="Form"):
    why = discord.ui.TextInput(label="Why", custom_id="why")

    def __init__(self):
        super().__init__(custom_id="form")

    async def on_submit(self, interaction: discord.Interaction):
        await interaction.response.send_message(f"because {self.why.value}")


@tree.command(description="A form")
async def ask(interaction: discord.Interaction):
    await interaction.response.send_modal(Form())


class Menu(discord.ui.View):
    @discord.ui.button(label="Press", custom_id="press")
    async def press(self, interaction: discord.Interaction, _button):
        await interaction.response.edit_message(content="pressed")

    @discord.ui.select(
        custom_id="choose",
        options=[discord.SelectOption(label="One", value="1"), discord.SelectOption(label="Two", value="2")],
    )
    async def choose(self, interaction: discord.Interaction, select):
        await interaction.response.send_message(f"chose {select.values[0]}")


@tree.command(description="A button and a menu")
async def menu(interaction: discord.Interaction):
    await interaction.response.send_message("menu", view=Menu())


@tree.command(description="An embed with a file")
async def card(interaction: discord.Interaction):
    embed = discord.Embed(title="Card", description="with a file")
    embed.set_thumbnail(url="attachment://card.png")
    file = discord.File(io.BytesIO(b"not quite a picture"), filename="card.png")
    await interaction.response.send_message(embed=embed, file=file)


@tree.command(description="Members")
async def who(interaction: discord.Interaction):
    chunked = await interaction.guild.chunk(cache=False)
    listed = [member async for member in interaction.guild.fetch_members()]
    assert len(chunked) == len(listed)
    await interaction.response.send_message(f"{len(listed)} members")


@client.event
async def setup_hook():
    guild = discord.Object(SEED["guild_id"])
    tree.copy_global_to(guild=guild)
    await tree.sync(guild=guild)
    await tree.sync()


client.run(SEED["bot_token"], log_level=logging.INFO)
