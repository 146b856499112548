"""Commands that let the bot do something by itself, and look whether it was done."""

import asyncio
import datetime

import hikari

from replies import REPLY

# Names of the events that came.
HEARD = set()


def commands(rest):
    return [rest.slash_command_builder(name, name) for name in ("overreach", "work", "heard", "hurry")]


async def overreach(bot, interaction):
    """Something that the bot may not do."""
    guild = await bot.rest.fetch_guild(interaction.guild_id)
    try:
        await bot.rest.kick_user(guild.id, guild.owner_id)
    except hikari.ForbiddenError as refused:
        await interaction.create_initial_response(REPLY, f"{refused.status.value} {refused.code}")


async def on_messages(rest, channel):
    message = await rest.create_message(channel, "to be changed")
    await message.edit("changed")
    await message.add_reaction("🔥")
    await rest.pin_message(channel, message)
    pins = [pin.message.id async for pin in rest.fetch_pins(channel)]
    assert pins == [message.id]
    thread = await rest.create_message_thread(channel, message, "talk")
    await thread.send("in the thread")
    await thread.delete()
    fetched = await rest.fetch_message(channel, message.id)
    assert fetched.content == "changed" and fetched.reactions[0].is_me
    more = [await rest.create_message(channel, f"soon gone {n}") for n in range(2)]
    await rest.delete_messages(channel, more)
    await message.delete()


async def on_webhooks(rest, channel):
    hook = await rest.create_webhook(channel, "hook")
    said = await hook.execute("from the hook", username="hooky")
    assert said.author.username == "hooky"
    await hook.edit_message(said, "from the hook, again")
    await hook.delete()


async def on_members(rest, guild, user):
    role = await rest.create_role(guild, name="made", reason="because")
    await rest.add_role_to_member(guild, user, role)
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
    await rest.edit_member(guild, user, nickname="Mimi", communication_disabled_until=until)
    member = await rest.fetch_member(guild, user)
    assert role.id in member.role_ids and member.nickname == "Mimi"
    assert member.communication_disabled_until() is not None
    await rest.edit_member(guild, user, nickname=None, communication_disabled_until=None)
    await rest.delete_role(guild, role)
    made = hikari.AuditLogEventType.ROLE_CREATE
    log = await rest.fetch_audit_log(guild, event_type=made).limit(1)
    entry = max(log[0].entries.values(), key=lambda it: it.id)
    assert (entry.reason, entry.target_id) == ("because", role.id)


async def work(bot, interaction):
    """Everything else that bots do."""
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    await on_messages(bot.rest, interaction.channel_id)
    await on_webhooks(bot.rest, interaction.channel_id)
    await on_members(bot.rest, interaction.guild_id, interaction.user)
    await bot.rest.edit_channel(interaction.channel_id, topic="about tests")
    await interaction.edit_initial_response("worked")


async def heard(_bot, interaction):
    await interaction.create_initial_response(REPLY, " ".join(sorted(HEARD)))


async def hurry(bot, interaction):
    """Many messages at once."""
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    messages = (bot.rest.create_message(interaction.channel_id, f"number {n}") for n in range(12))
    said = await asyncio.gather(*messages)
    await interaction.edit_initial_response(f"said {len(said)}")


ANSWERS = {it.__name__: it for it in (overreach, work, heard, hurry)}
