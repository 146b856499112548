// Commands that answer, once in each way that there is.

const { ActionRowBuilder, ApplicationCommandType, AttachmentBuilder } = require("discord.js");
const { ButtonBuilder, ButtonStyle, ContextMenuCommandBuilder, EmbedBuilder } = require("discord.js");
const { Locale, MessageFlags, ModalBuilder, PermissionFlagsBits, SlashCommandBuilder } = require("discord.js");
const { StringSelectMenuBuilder, TextInputBuilder, TextInputStyle, UserSelectMenuBuilder } = require("discord.js");

const fruits = ["apple", "apricot", "banana"];

const slash = (name, description = name) => new SlashCommandBuilder().setName(name).setDescription(description);
const named = (name) => (option) => option.setName(name).setDescription(name).setRequired(true);

const every = (subcommand) =>
  subcommand
    .setName("every")
    .setDescription("Each type of option")
    .addStringOption(named("text"))
    .addIntegerOption(named("whole"))
    .addBooleanOption(named("flag"))
    .addUserOption(named("who"))
    .addChannelOption(named("where"))
    .addRoleOption(named("role"))
    .addMentionableOption(named("any"))
    .addNumberOption(named("number"))
    .addAttachmentOption(named("file"));

const commands = [
  ...["secret", "slow", "ask", "menu", "card", "who"].map((name) => slash(name)),
  slash("ping", "A plain reply").setDescriptionLocalization(Locale.German, "Eine Antwort"),
  slash("pick").addStringOption((option) => named("fruit")(option).setAutocomplete(true)),
  slash("deep").addSubcommandGroup((group) =>
    group.setName("inner").setDescription("The second word").addSubcommand(every),
  ),
  slash("mods").setDefaultMemberPermissions(PermissionFlagsBits.KickMembers),
  new ContextMenuCommandBuilder().setName("Wave").setType(ApplicationCommandType.User),
  new ContextMenuCommandBuilder().setName("Quote").setType(ApplicationCommandType.Message),
];

const answers = {
  ping: (interaction) => interaction.reply("pong"),
  secret: (interaction) => interaction.reply({ content: "psst", flags: MessageFlags.Ephemeral }),
  pick: (interaction) => interaction.reply(`picked ${interaction.options.getString("fruit")}`),
  mods: (interaction) => interaction.reply("for moderators"),
  wave: (interaction) => interaction.reply(`waves at ${interaction.targetUser.username}`),
  quote: (interaction) => interaction.reply(`quotes ${interaction.targetMessage.content}`),

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
    const people = new UserSelectMenuBuilder().setCustomId("people");
    const rows = [press, choose, people].map((part) => new ActionRowBuilder().addComponents(part));
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

  async deep(interaction) {
    const given = interaction.options;
    const file = given.getAttachment("file");
    const held = await (await fetch(file.url)).text();
    const parts = [given.getString("text"), given.getInteger("whole"), given.getBoolean("flag")];
    parts.push(given.getUser("who").username, given.getChannel("where").name, given.getRole("role").name);
    parts.push(given.getMentionable("any").name, given.getNumber("number"), `${file.name} ${held}`);
    return interaction.reply(parts.join("|"));
  },
};

function suggest(interaction) {
  const typed = interaction.options.getFocused();
  const fitting = fruits.filter((fruit) => fruit.startsWith(typed));
  return interaction.respond(fitting.map((fruit) => ({ name: fruit, value: fruit })));
}

function use(interaction) {
  if (interaction.isButton()) return interaction.update("pressed");
  if (interaction.isUserSelectMenu()) return interaction.reply(`chose ${interaction.users.first().username}`);
  return interaction.reply(`chose ${interaction.values[0]}`);
}

module.exports = { answers, commands, suggest, use };
