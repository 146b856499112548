// The test bot in discord.js: everything that drive/ asks for.

const { readFileSync } = require("node:fs");
const { ActivityType, Client, Events, GatewayIntentBits, Partials } = require("discord.js");

const govern = require("./govern.js");
const replies = require("./replies.js");
const work = require("./work.js");

const seed = JSON.parse(readFileSync(process.argv[2], "utf8"));
const answers = { ...replies.answers, ...work.answers, ...govern.answers };

const client = new Client({
  intents: [
    GatewayIntentBits.Guilds,
    GatewayIntentBits.GuildMembers,
    GatewayIntentBits.GuildMessages,
    GatewayIntentBits.GuildMessageReactions,
    GatewayIntentBits.GuildModeration,
    GatewayIntentBits.GuildWebhooks,
    GatewayIntentBits.DirectMessages,
  ],
  partials: [Partials.Channel],
  presence: { activities: [{ name: "a test", type: ActivityType.Playing }], status: "idle" },
  rest: { api: seed.api.replace(/\/v10$/, ""), version: "10" },
  shardCount: Number(process.env.BOT_SHARDS ?? "1"),
});

client.on(Events.Warn, (message) => console.error(`WARNING ${message}`));
client.on(Events.Error, (error) => console.error(`ERROR ${error.stack}`));
client.on(Events.ShardError, (error) => console.error(`ERROR ${error.stack}`));
client.rest.on("invalidRequestWarning", (about) => console.error(`WARNING ${about.count} invalid requests`));
process.on("warning", (warning) => console.error(`WARNING ${warning.stack}`));

client.on(Events.Raw, (packet) => work.heard.add(packet.t));

client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isAutocomplete()) await replies.suggest(interaction);
  else if (interaction.isCommand()) await answers[interaction.commandName.toLowerCase()](interaction);
  else if (interaction.isMessageComponent()) await replies.use(interaction);
  else await interaction.reply(`because ${interaction.fields.getTextInputValue("why")}`);
});

client.on(Events.MessageCreate, async (message) => {
  if (!message.inGuild() && !message.author.bot) await message.channel.send(`you said ${message.content}`);
});

client.once(Events.ClientReady, async () => {
  const commands = [...replies.commands, ...work.commands, ...govern.commands];
  await client.application.commands.set(commands);
  await client.application.commands.set(commands, seed.guild_id);
  console.log("ready");
});

client.login(seed.bot_token);
