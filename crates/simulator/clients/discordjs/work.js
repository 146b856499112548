// Commands that let the bot do something by itself, and look whether it was done.

const assert = require("node:assert/strict");

const { AuditLogEvent, SlashCommandBuilder } = require("discord.js");

// Names of the events that came.
const heard = new Set();

async function onMessages(channel) {
  const message = await channel.send("to be changed");
  await message.edit("changed");
  await message.react("🔥");
  await message.pin();
  const pins = await channel.messages.fetchPins();
  assert.deepEqual(pins.items.map((pin) => pin.message.id), [message.id]);
  const thread = await message.startThread({ name: "talk" });
  await thread.send("in the thread");
  await thread.delete();
  const fetched = await channel.messages.fetch({ message: message.id, force: true });
  assert.equal(fetched.content, "changed");
  assert.ok(fetched.reactions.cache.get("🔥").me);
  const more = [await channel.send("soon gone 0"), await channel.send("soon gone 1")];
  await channel.bulkDelete(more);
  await message.delete();
}

async function onWebhooks(channel) {
  const hook = await channel.createWebhook({ name: "hook" });
  const said = await hook.send({ content: "from the hook", username: "hooky" });
  assert.equal(said.author.username, "hooky");
  await hook.editMessage(said, "from the hook, again");
  await hook.delete();
}

async function onMembers(guild, member) {
  const role = await guild.roles.create({ name: "made", reason: "because" });
  await member.roles.add(role);
  await member.setNickname("Mimi");
  await member.timeout(60_000);
  const fetched = await guild.members.fetch({ user: member.id, force: true });
  assert.ok(fetched.roles.cache.has(role.id) && fetched.isCommunicationDisabled());
  assert.equal(fetched.nickname, "Mimi");
  await member.timeout(null);
  await member.setNickname(null);
  await role.delete();
  const log = await guild.fetchAuditLogs({ type: AuditLogEvent.RoleCreate, limit: 1 });
  const entry = log.entries.first();
  assert.deepEqual([entry.reason, entry.targetId], ["because", role.id]);
}

const answers = {
  // Something that the bot may not do.
  async overreach(interaction) {
    const refused = await interaction.guild.members.kick(interaction.guild.ownerId).catch((error) => error);
    return interaction.reply(`${refused.status} ${refused.code}`);
  },

  // Everything else that bots do.
  async work(interaction) {
    await interaction.deferReply();
    await onMessages(interaction.channel);
    await onWebhooks(interaction.channel);
    await onMembers(interaction.guild, interaction.member);
    await interaction.channel.setTopic("about tests");
    return interaction.editReply("worked");
  },

  heard: (interaction) => interaction.reply([...heard].sort().join(" ")),

  // Many messages at once.
  async hurry(interaction) {
    await interaction.deferReply();
    const numbers = Array.from({ length: 12 }, (_, n) => n);
    const said = await Promise.all(numbers.map((n) => interaction.channel.send(`number ${n}`)));
    return interaction.editReply(`said ${said.length}`);
  },
};

const commands = Object.keys(answers).map((name) =>
  new SlashCommandBuilder().setName(name).setDescription(name),
);

module.exports = { answers, commands, heard };
