"""Commands that answer, once in each way that there is."""

import hikari

FRUITS = ["apple", "apricot", "banana"]
REPLY = hikari.ResponseType.MESSAGE_CREATE
TYPE = hikari.OptionType
EVERY = {
    "text": TYPE.STRING,
    "whole": TYPE.INTEGER,
    "flag": TYPE.BOOLEAN,
    "who": TYPE.USER,
    "where": TYPE.CHANNEL,
    "role": TYPE.ROLE,
    "any": TYPE.MENTIONABLE,
    "number": TYPE.FLOAT,
    "file": TYPE.ATTACHMENT,
}


def option(kind, name, **more):
    return hikari.CommandOption(type=kind, name=name, description=name, **more)


def commands(rest):
    plain = [rest.slash_command_builder(name, name) for name in ("secret", "slow", "ask", "menu", "card", "who")]
    ping = rest.slash_command_builder("ping", "A plain reply")
    ping.set_description_localizations({hikari.Locale.DE: "Eine Antwort"})
    fruit = option(TYPE.STRING, "fruit", is_required=True, autocomplete=True)
    pick = rest.slash_command_builder("pick", "Suggestions").add_option(fruit)
    every = [option(kind, name, is_required=True) for name, kind in EVERY.items()]
    every = option(TYPE.SUB_COMMAND, "every", options=every)
    inner = option(TYPE.SUB_COMMAND_GROUP, "inner", options=[every])
    deep = rest.slash_command_builder("deep", "A command of two more words").add_option(inner)
    mods = rest.slash_command_builder("mods", "Only for moderators")
    mods.set_default_member_permissions(hikari.Permissions.KICK_MEMBERS)
    wave = rest.context_menu_command_builder(hikari.CommandType.USER, "Wave")
    quote = rest.context_menu_command_builder(hikari.CommandType.MESSAGE, "Quote")
    return [*plain, ping, pick, deep, mods, wave, quote]


async def ping(_bot, interaction):
    await interaction.create_initial_response(REPLY, "pong")


async def secret(_bot, interaction):
    await interaction.create_initial_response(REPLY, "psst", flags=hikari.MessageFlag.EPHEMERAL)


async def slow(_bot, interaction):
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    await interaction.edit_initial_response("first")
    await interaction.execute("second")


async def pick(_bot, interaction):
    await interaction.create_initial_response(REPLY, f"picked {interaction.options[0].value}")


async def suggest(interaction):
    typed = interaction.options[0].value
    fitting = [fruit for fruit in FRUITS if fruit.startswith(typed)]
    choices = [hikari.impl.AutocompleteChoiceBuilder(fruit, fruit) for fruit in fitting]
    await interaction.create_response(choices)


async def ask(bot, interaction):
    row = bot.rest.build_modal_action_row().add_text_input("why", "Why")
    await interaction.create_modal_response("Form", "form", components=[row])


async def menu(bot, interaction):
    rows = [bot.rest.build_message_action_row() for _ in range(3)]
    rows[0].add_interactive_button(hikari.ButtonStyle.PRIMARY, "press", label="Press")
    rows[1].add_text_menu("choose").add_option("One", "1").add_option("Two", "2")
    rows[2].add_select_menu(hikari.ComponentType.USER_SELECT_MENU, "people")
    await interaction.create_initial_response(REPLY, "menu", components=rows)


async def use(interaction):
    if interaction.custom_id == "press":
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_UPDATE, "pressed")
        return
    [chosen] = interaction.values
    if interaction.custom_id == "people":
        chosen = interaction.resolved.users[hikari.Snowflake(chosen)].username
    await interaction.create_initial_response(REPLY, f"chose {chosen}")


async def card(_bot, interaction):
    file = hikari.Bytes(b"not quite a picture", "card.png")
    embed = hikari.Embed(title="Card", description="with a file").set_thumbnail(file)
    await interaction.create_initial_response(REPLY, embed=embed)


async def who(bot, interaction):
    listed = await bot.rest.fetch_members(interaction.guild_id)
    with bot.stream(hikari.MemberChunkEvent, timeout=5) as chunks:
        await bot.request_guild_members(interaction.guild_id)
        chunk = await chunks.next()
    assert len(chunk.members) == len(listed)
    await interaction.create_initial_response(REPLY, f"{len(listed)} members")


async def deep(_bot, interaction):
    given = {it.name: it.value for it in interaction.options[0].options[0].options}
    resolved = interaction.resolved
    who, where = resolved.members[given["who"]], resolved.channels[given["where"]]
    role, some = resolved.roles[given["role"]], resolved.roles[given["any"]]
    file = resolved.attachments[given["file"]]
    held = (await file.read()).decode()
    parts = [given["text"], given["whole"], str(given["flag"]).lower(), who.username, where.name]
    parts += [role.name, some.name, given["number"], f"{file.filename} {held}"]
    await interaction.create_initial_response(REPLY, "|".join(map(str, parts)))


async def mods(_bot, interaction):
    await interaction.create_initial_response(REPLY, "for moderators")


async def wave(_bot, interaction):
    user = interaction.resolved.users[interaction.target_id]
    await interaction.create_initial_response(REPLY, f"waves at {user.username}")


async def quote(_bot, interaction):
    message = interaction.resolved.messages[interaction.target_id]
    await interaction.create_initial_response(REPLY, f"quotes {message.content}")


ANSWERS = {
    it.__name__: it for it in (ping, secret, slow, pick, ask, menu, card, who, deep, mods, wave, quote)
}
