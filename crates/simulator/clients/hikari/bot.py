"""The test bot in hikari: everything that drive.py asks for."""

import json
import sys

import hikari

with open(sys.argv[1], encoding="utf-8") as file:
    SEED = json.load(file)
FRUITS = ["apple", "apricot", "banana"]
COMMANDS = ["ping", "secret", "slow", "ask", "menu", "card", "who"]
REPLY = hikari.ResponseType.MESSAGE_CREATE

bot = hikari.GatewayBot(
    SEED["bot_token"],
    banner=None,
    intents=hikari.Intents.ALL_UNPRIVILEGED | hikari.Intents.GUILD_MEMBERS,
    rest_url=SEED["api"],
    suppress_optimization_warning=True,
)


@bot.listen()
async def register(_event: hikari.StartedEvent) -> None:
    commands = [bot.rest.slash_command_builder(name, name) for name in COMMANDS]
    fruit = hikari.CommandOption(
        type=hikari.OptionType.STRING,
        name="fruit",
        description="Which one",
        is_required=True,
        autocomplete=True,
    )
    commands.append(bot.rest.slash_command_builder("pick", "Suggestions").add_option(fruit))
    await bot.rest.set_application_commands(SEED["application_id"], commands, guild=SEED["guild_id"])


async def slow(interaction: hikari.CommandInteraction) -> None:
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    await interaction.edit_initial_response("first")
    await interaction.execute("second")


async def ask(interaction: hikari.CommandInteraction) -> None:
    row = bot.rest.build_modal_action_row().add_text_input("why", "Why")
    await interaction.create_modal_response("Form", "form", components=[row])


async def menu(interaction: hikari.CommandInteraction) -> None:
    button = bot.rest.build_message_action_row()
    button.add_interactive_button(hikari.ButtonStyle.PRIMARY, "press", label="Press")
    select = bot.rest.build_message_action_row()
    select.add_text_menu("choose").add_option("One", "1").add_option("Two", "2")
    await interaction.create_initial_response(REPLY, "menu", components=[button, select])


async def card(interaction: hikari.CommandInteraction) -> None:
    file = hikari.Bytes(b"not quite a picture", "card.png")
    embed = hikari.Embed(title="Card", description="with a file").set_thumbnail(file)
    await interaction.create_initial_response(REPLY, embed=embed)


async def who(interaction: hikari.CommandInteraction) -> None:
    listed = await bot.rest.fetch_members(interaction.guild_id)
    await bot.request_guild_members(interaction.guild_id)
    await interaction.create_initial_response(REPLY, f"{len(listed)} members")


@bot.listen()
async def answer(event: hikari.CommandInteractionCreateEvent) -> None:
    interaction = event.interaction
    match interaction.command_name:
        case "ping":
            await interaction.create_initial_response(REPLY, "pong")
        case "secret":
            flags = hikari.MessageFlag.EPHEMERAL
            await interaction.create_initial_response(REPLY, "psst", flags=flags)
        case "pick":
            picked = interaction.options[0].value
            await interaction.create_initial_response(REPLY, f"picked {picked}")
        case name:
            await {"slow": slow, "ask": ask, "menu": menu, "card": card, "who": who}[name](interaction)


@bot.listen()
async def suggest(event: hikari.AutocompleteInteractionCreateEvent) -> None:
    typed = event.interaction.options[0].value
    fitting = [fruit for fruit in FRUITS if fruit.startswith(typed)]
    choices = [hikari.impl.AutocompleteChoiceBuilder(fruit, fruit) for fruit in fitting]
    await event.interaction.create_response(choices)


@bot.listen()
async def use(event: hikari.ComponentInteractionCreateEvent) -> None:
    interaction = event.interaction
    if interaction.custom_id == "press":
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_UPDATE, "pressed")
    else:
        await interaction.create_initial_response(REPLY, f"chose {interaction.values[0]}")


@bot.listen()
async def submit(event: hikari.ModalInteractionCreateEvent) -> None:
    why = event.interaction.components[0].components[0].value
    await event.interaction.create_initial_response(REPLY, f"because {why}")


bot.run(check_for_updates=False)
