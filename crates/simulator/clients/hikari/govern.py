"""A command that lets the bot run the guild: channels, invites, emojis, events, bans."""

import base64
import datetime

import hikari

from replies import option

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HOUR = datetime.timedelta(hours=1)


def commands(rest):
    moderator = option(hikari.OptionType.USER, "moderator", is_required=True)
    return [rest.slash_command_builder("govern", "What the bot may do").add_option(moderator)]


async def on_channels(rest, guild, user):
    category = await rest.create_guild_category(guild, "made")
    hidden = hikari.PermissionOverwrite(
        id=guild, type=hikari.PermissionOverwriteType.ROLE, deny=hikari.Permissions.VIEW_CHANNEL
    )
    channel = await rest.create_guild_text_channel(
        guild, "made", category=category, permission_overwrites=[hidden], topic="topic"
    )
    allowed = hikari.Permissions.VIEW_CHANNEL
    await channel.edit_overwrite(user, allow=allowed, deny=hikari.Permissions.SEND_MESSAGES)
    invite = await rest.create_invite(channel, max_uses=2, max_age=60)
    assert invite.code in [it.code for it in await rest.fetch_guild_invites(guild)]
    await rest.delete_invite(invite)
    await rest.edit_channel(channel, name="changed", rate_limit_per_user=5, nsfw=True, position=0)
    fetched = await rest.fetch_channel(channel)
    assert (fetched.name, fetched.parent_id) == ("changed", category.id)
    assert fetched.permission_overwrites[user.id].allow == allowed
    voice = await rest.create_guild_voice_channel(guild, "spoken", category=category, user_limit=3)
    for made in (voice, channel, category):
        await made.delete()


async def on_guild(rest, guild, moderator):
    emoji = await rest.create_emoji(guild, "made", hikari.Bytes(PICTURE, "made.png"))
    await rest.edit_emoji(guild, emoji, name="changed")
    assert [it.name for it in await rest.fetch_guild_emojis(guild)] == ["changed"]
    await rest.delete_emoji(guild, emoji)
    start = datetime.datetime.now(datetime.timezone.utc) + HOUR
    event = await rest.create_external_event(guild, "made", "here", start, start + HOUR)
    await rest.edit_scheduled_event(guild, event, name="changed")
    await rest.delete_scheduled_event(guild, event)
    await rest.edit_guild(guild, verification_level=hikari.GuildVerificationLevel.LOW)
    await rest.ban_user(guild, moderator, delete_message_seconds=60, reason="because")
    [ban] = [ban async for ban in rest.fetch_bans(guild)]
    assert (ban.user.id, ban.reason) == (moderator, "because")
    await rest.unban_user(guild, moderator)
    assert await rest.estimate_guild_prune_count(guild, days=1) == 0
    assert [it.id async for it in rest.fetch_my_guilds()] == [guild]
    assert (await rest.fetch_user(moderator)).id == moderator
    fetched = await rest.fetch_guild(guild)
    assert len(await rest.fetch_roles(guild)) == len(fetched.roles)
    await rest.fetch_application()
    await rest.fetch_guild_preview(guild)


async def govern(bot, interaction):
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    await on_channels(bot.rest, interaction.guild_id, interaction.user)
    await on_guild(bot.rest, interaction.guild_id, interaction.options[0].value)
    await interaction.edit_initial_response("governed")


ANSWERS = {"govern": govern}
