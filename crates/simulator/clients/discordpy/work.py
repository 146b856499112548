"""Commands that let the bot do something by itself, and look whether it was done."""

import datetime

import discord
from discord import app_commands

# Names of the events that came.
HEARD = set()


@app_commands.command(description="Something that the bot may not do")
async def overreach(interaction: discord.Interaction):
    try:
        await interaction.guild.kick(discord.Object(interaction.guild.owner_id))
    except discord.Forbidden as refused:
        await interaction.response.send_message(f"{refused.status} {refused.code}")


async def on_messages(channel):
    message = await channel.send("to be changed")
    await message.edit(content="changed")
    await message.add_reaction("🔥")
    await message.pin()
    assert [pin.id async for pin in channel.pins()] == [message.id]
    thread = await message.create_thread(name="talk")
    await thread.send("in the thread")
    await thread.delete()
    fetched = await channel.fetch_message(message.id)
    assert fetched.content == "changed" and fetched.reactions[0].me
    more = [await channel.send(f"soon gone {n}") for n in range(2)]
    await channel.delete_messages(more)
    await message.delete()


async def on_webhooks(channel):
    hook = await channel.create_webhook(name="hook")
    said = await hook.send("from the hook", username="hooky", wait=True)
    assert said.author.name == "hooky"
    await said.edit(content="from the hook, again")
    await hook.delete()


async def on_members(guild, member):
    role = await guild.create_role(name="made", reason="because")
    await member.add_roles(role)
    await member.edit(nick="Mimi")
    await member.timeout(datetime.timedelta(minutes=1))
    fetched = await guild.fetch_member(member.id)
    assert role in fetched.roles and fetched.nick == "Mimi" and fetched.is_timed_out()
    await member.timeout(None)
    await member.edit(nick=None)
    await role.delete()
    action = discord.AuditLogAction.role_create
    [entry] = [entry async for entry in guild.audit_logs(action=action, limit=1)]
    assert (entry.reason, entry.target.id) == ("because", role.id)


@app_commands.command(description="Everything else that bots do")
async def work(interaction: discord.Interaction):
    await interaction.response.defer()
    await on_messages(interaction.channel)
    await on_webhooks(interaction.channel)
    await on_members(interaction.guild, interaction.user)
    await interaction.channel.edit(topic="about tests")
    await interaction.edit_original_response(content="worked")


@app_commands.command(description="The events that came")
async def heard(interaction: discord.Interaction):
    await interaction.response.send_message(" ".join(sorted(HEARD)))


@app_commands.command(description="Messages as fast as may be")
async def hurry(interaction: discord.Interaction):
    await interaction.response.defer()
    # Sent together, discord.py forgets at the first answer of a period those that are on their way.
    said = [await interaction.channel.send(f"number {n}") for n in range(12)]
    await interaction.edit_original_response(content=f"said {len(said)}")


COMMANDS = [overreach, work, heard, hurry]
