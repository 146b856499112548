// The test bot in discord.js: everything that drive.py asks for.

const { readFileSync } = require("node:fs");
const { ActionRowBuilder, AttachmentBuilder, ButtonBuilder, ButtonStyle, Client } = require("discord.js");
const { EmbedBuilder, Events, GatewayIntentBits, MessageFlags, ModalBuilder } = require("discord.js");
const { SlashCommandBuilder, StringSelectMenuBuilder } = require("discord.js");
const { TextInputBuilder, TextInputStyle } = require("discord.js");

const seed = JSON.parse(readFileSync(process.argv[2], "utf8"));
const fruits = ["apple", "apricot", "banana"];

const client = new Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers, GatewayIntentBits.GuildMessages],
  rest: { api: seed.api.replace(/\/v10$/, ""), version: "10" },
});

client.on(Events.Warn, (message) => console.error(`WARNING ${message}`));
client.on(Events.Error, (error) => console.error(`ERROR ${error.stack}`));
process.on("warning", (warning) => console.error(`WARNING ${warning.stack}`));

const answers = {
  ping: (interaction) => interaction.reply("pong"),
  secret: (interaction) => interaction.reply({ content: "psst", flags: MessageFlags.Ephemeral }),
  pick: (interaction) => interaction.reply(`picked ${interaction.options.getString("fruit")}`),

  async slow(interaction) {
    await interaction.deferReply();
    await interaction.editReply("first");
    await interaction.followUp("second");
  },

  ask(interaction) {
    const why = new TextInputBuilder().setCustomId("why").setLabel("Why").setStyle(TextInputStyle.Short);
    const form = new ModalBuilder().setCustomId("form").setTitle("Form");
    return interaction.showModal(form.addComponents(new ActionRowBuilder().addComponents(why)));
  },

  menu(interaction) {
    const press = new ButtonBuilder().setCustomId("press").setLabel("Press").setStyle(ButtonStyle.Primary);
    const options = [{ label: "One", value: "1" }, { label: "Two", value: "2" }];
    const choose = new StringSelectMenuBuilder().setCustomId("choose").addOptions(options);
    const rows = [press, choose].map((part) => new ActionRowBuilder().addComponents(part));
    return interaction.reply({ content: "menu", components: rows });
  },

  card(interaction) {
    const file = new AttachmentBuilder(Buffer.from("not quite a picture"), { name: "card.png" });
    const embed = new EmbedBuilder().setTitle("Card").setDescription("with a file");
    return interaction.reply({ embeds: [embed.setThumbnail("attachment://card.png")], files: [file] });
  },

  async who(interaction) {
    const listed = await interaction.guild.members.list({ limit: 100 });
    const chunked = await interaction.guild.members.fetch();
    if (listed.size !== chunked.size) throw new Error(`${listed.size} listed, ${chunked.size} chunked`);
    return interaction.reply(`${listed.size} members`);
  },
};

client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused();
    const fitting = fruits.filter((fruit) => fruit.startsWith(typed));
    await interaction.respond(fitting.map((fruit) => ({ name: fruit, value: fruit })));
  } else if (interaction.isChatInputCommand()) {
    await answers[interaction.commandName](interaction);
  } else if (interaction.isButton()) {
    await interaction.update("pressed");
  } else if (interaction.isStringSelectMenu()) {
    await interaction.reply(`chose ${interaction.values[0]}`);
  } else if (interaction.isModalSubmit()) {
    await interaction.reply(`because ${interaction.fields.getTextInputValue("why")}`);
  }
});

client.once(Events.ClientReady, async () => {
  const names = Object.keys(answers).filter((name) => name !== "pick");
  const commands = names.map((name) => new SlashCommandBuilder().setName(name).setDescription(name));
  const pick = new SlashCommandBuilder().setName("pick").setDescription("Suggestions");
  pick.addStringOption((option) =>
    option.setName("fruit").setDescription("Which one").setRequired(true).setAutocomplete(true),
  );
  await client.application.commands.set([...commands, pick], seed.guild_id);
});

client.login(seed.bot_token);
