"""A command that lets the bot run the guild: channels, invites, emojis, events, bans."""

import base64
import datetime

import discord
from discord import app_commands

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def on_channels(guild, member):
    category = await guild.create_category("made")
    hidden = {guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    channel = await guild.create_text_channel("made", category=category, overwrites=hidden, topic="topic")
    await channel.set_permissions(member, view_channel=True, send_messages=False, reason="because")
    fetched = await guild.fetch_channel(channel.id)
    assert fetched.overwrites[member].view_channel and not fetched.overwrites[member].send_messages
    invite = await channel.create_invite(max_uses=2, max_age=60)
    assert invite.code in [it.code for it in await guild.invites()]
    await invite.delete()
    await channel.edit(name="changed", slowmode_delay=5, nsfw=True, position=0)
    fetched = await guild.fetch_channel(channel.id)
    assert (fetched.name, fetched.slowmode_delay, fetched.category_id) == ("changed", 5, category.id)
    copy = await channel.clone(name="copied")
    voice = await guild.create_voice_channel("spoken", category=category, user_limit=3)
    for made in (copy, voice, channel, category):
        await made.delete()


async def on_guild(client, guild, moderator):
    emoji = await guild.create_custom_emoji(name="made", image=PICTURE)
    await emoji.edit(name="changed")
    assert [it.name for it in await guild.fetch_emojis()] == ["changed"]
    await emoji.delete()
    start = discord.utils.utcnow() + datetime.timedelta(hours=1)
    event = await guild.create_scheduled_event(
        name="made",
        start_time=start,
        end_time=start + datetime.timedelta(hours=1),
        entity_type=discord.EntityType.external,
        privacy_level=discord.PrivacyLevel.guild_only,
        location="here",
    )
    await event.edit(name="changed")
    await event.delete()
    await guild.edit(description="about tests", verification_level=discord.VerificationLevel.low)
    await guild.ban(moderator, delete_message_seconds=60, reason="because")
    [ban] = [ban async for ban in guild.bans()]
    assert (ban.user.id, ban.reason) == (moderator.id, "because")
    await guild.unban(moderator)
    assert await guild.estimate_pruned_members(days=1) == 0
    assert (await client.application_info()).id == client.application_id
    assert [it.id async for it in client.fetch_guilds()] == [guild.id]
    assert (await client.fetch_user(moderator.id)).name == moderator.name
    assert len(await guild.fetch_roles()) == len(guild.roles)


@app_commands.command(description="What the bot may do with the guild")
async def govern(interaction: discord.Interaction, moderator: discord.Member):
    await interaction.response.defer()
    await on_channels(interaction.guild, interaction.user)
    await on_guild(interaction.client, interaction.guild, moderator)
    await interaction.edit_original_response(content="governed")


COMMANDS = [govern]
