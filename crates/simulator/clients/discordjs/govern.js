// A command that lets the bot run the guild: channels, invites, emojis, events, bans.

const assert = require("node:assert/strict");

const { ChannelType, GuildScheduledEventEntityType, GuildScheduledEventPrivacyLevel } = require("discord.js");
const { GuildVerificationLevel, PermissionFlagsBits, SlashCommandBuilder } = require("discord.js");

const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const hour = 3_600_000;

async function onChannels(guild, member) {
  const category = await guild.channels.create({ name: "made", type: ChannelType.GuildCategory });
  const channel = await guild.channels.create({
    name: "made",
    parent: category,
    permissionOverwrites: [{ id: guild.id, deny: PermissionFlagsBits.ViewChannel }],
    topic: "topic",
  });
  await channel.permissionOverwrites.edit(member, { ViewChannel: true, SendMessages: false });
  const invite = await channel.createInvite({ maxUses: 2, maxAge: 60 });
  assert.ok((await guild.invites.fetch()).has(invite.code));
  await invite.delete();
  await channel.edit({ name: "changed", rateLimitPerUser: 5, nsfw: true, position: 0 });
  const fetched = await guild.channels.fetch(channel.id, { force: true });
  assert.deepEqual([fetched.name, fetched.parentId], ["changed", category.id]);
  assert.ok(fetched.permissionOverwrites.cache.get(member.id).allow.has("ViewChannel"));
  const copy = await channel.clone({ name: "copied" });
  const voice = await guild.channels.create({ name: "spoken", type: ChannelType.GuildVoice, userLimit: 3 });
  for (const made of [copy, voice, channel, category]) await made.delete();
}

async function onGuild(guild, moderator) {
  const emoji = await guild.emojis.create({ name: "made", attachment: picture });
  await emoji.edit({ name: "changed" });
  assert.deepEqual((await guild.emojis.fetch()).map((it) => it.name), ["changed"]);
  await emoji.delete();
  const event = await guild.scheduledEvents.create({
    name: "made",
    scheduledStartTime: Date.now() + hour,
    scheduledEndTime: Date.now() + 2 * hour,
    entityType: GuildScheduledEventEntityType.External,
    privacyLevel: GuildScheduledEventPrivacyLevel.GuildOnly,
    entityMetadata: { location: "here" },
  });
  await event.edit({ name: "changed" });
  await event.delete();
  await guild.edit({ description: "about tests", verificationLevel: GuildVerificationLevel.Low });
  await guild.bans.create(moderator, { deleteMessageSeconds: 60, reason: "because" });
  const bans = await guild.bans.fetch();
  assert.deepEqual(bans.map((ban) => [ban.user.id, ban.reason]), [[moderator.id, "because"]]);
  await guild.bans.remove(moderator);
  assert.equal(await guild.members.prune({ days: 1, dry: true }), 0);
  assert.deepEqual([...(await guild.client.guilds.fetch()).keys()], [guild.id]);
  assert.equal((await guild.client.users.fetch(moderator.id, { force: true })).username, moderator.username);
  assert.equal((await guild.roles.fetch()).size, guild.roles.cache.size);
  await guild.client.application.fetch();
  await guild.fetchOwner({ force: true });
}

const answers = {
  async govern(interaction) {
    await interaction.deferReply();
    await onChannels(interaction.guild, interaction.member);
    await onGuild(interaction.guild, interaction.options.getUser("moderator"));
    return interaction.editReply("governed");
  },
};

const commands = [
  new SlashCommandBuilder()
    .setName("govern")
    .setDescription("What the bot may do with the guild")
    .addUserOption((option) => option.setName("moderator").setDescription("moderator").setRequired(true)),
];

module.exports = { answers, commands };
