"""Commands that answer, once in each way that there is."""

import io
from typing import Union

import discord
from discord import app_commands

FRUITS = ["apple", "apricot", "banana"]


@app_commands.command(description="A plain reply")
async def ping(interaction: discord.Interaction):
    await interaction.response.send_message("pong")


@app_commands.command(description="A reply for one")
async def secret(interaction: discord.Interaction):
    await interaction.response.send_message("psst", ephemeral=True)


@app_commands.command(description="A promise, an edit, a follow-up")
async def slow(interaction: discord.Interaction):
    await interaction.response.defer()
    await interaction.edit_original_response(content="first")
    await interaction.followup.send("second")


@app_commands.command(description="Suggestions")
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


@app_commands.command(description="A form")
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

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="people")
    async def people(self, interaction: discord.Interaction, select):
        await interaction.response.send_message(f"chose {select.values[0].name}")


@app_commands.command(description="A button and two menus")
async def menu(interaction: discord.Interaction):
    await interaction.response.send_message("menu", view=Menu())


@app_commands.command(description="An embed with a file")
async def card(interaction: discord.Interaction):
    embed = discord.Embed(title="Card", description="with a file")
    embed.set_thumbnail(url="attachment://card.png")
    file = discord.File(io.BytesIO(b"not quite a picture"), filename="card.png")
    await interaction.response.send_message(embed=embed, file=file)


@app_commands.command(description="Members")
async def who(interaction: discord.Interaction):
    chunked = await interaction.guild.chunk(cache=False)
    listed = [member async for member in interaction.guild.fetch_members()]
    assert len(chunked) == len(listed)
    await interaction.response.send_message(f"{len(listed)} members")


deep = app_commands.Group(name="deep", description="A command of two more words")
inner = app_commands.Group(name="inner", description="The second word", parent=deep)


@inner.command(description="Each type of option")
async def every(
    interaction: discord.Interaction,
    text: str,
    whole: int,
    flag: bool,
    who: discord.Member,
    where: discord.TextChannel,
    role: discord.Role,
    any: Union[discord.Member, discord.Role],
    number: float,
    file: discord.Attachment,
):
    held = (await file.read()).decode()
    parts = [text, whole, str(flag).lower(), who.name, where.name, role.name, any.name, number]
    await interaction.response.send_message("|".join(map(str, [*parts, f"{file.filename} {held}"])))


@app_commands.context_menu(name="Wave")
async def wave(interaction: discord.Interaction, member: discord.Member):
    await interaction.response.send_message(f"waves at {member.name}")


@app_commands.context_menu(name="Quote")
async def quote(interaction: discord.Interaction, message: discord.Message):
    await interaction.response.send_message(f"quotes {message.content}")


@app_commands.command(description="Only for moderators")
@app_commands.default_permissions(kick_members=True)
async def mods(interaction: discord.Interaction):
    await interaction.response.send_message("for moderators")


COMMANDS = [ping, secret, slow, pick, ask, menu, card, who, deep, wave, quote, mods]
