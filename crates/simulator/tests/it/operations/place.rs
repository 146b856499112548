//! Where a line of a table happens: a guild with one of everything, and a bot that listens.

use cogsmith_simulator::{Guild, Permissions, Simulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Gateway, Rest};
use crate::operations::IMAGE;
use crate::operations::table::{Line, Table};

/// Every intent that Discord documents.
const INTENTS: u64 = 0x1_ffff | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25;

/// The head of a picture.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";

/// What every line may do: see what is there, and hear of what is done.
const GROUND: Permissions = Permissions::from_bits(
    Permissions::VIEW_CHANNEL.bits()
        | Permissions::READ_MESSAGE_HISTORY.bits()
        | Permissions::VIEW_AUDIT_LOG.bits(),
);

pub(crate) struct Place {
    pub(crate) sim: Simulator,
    guild: Guild,
    gateway: Gateway,
    /// Words of paths and bodies, with what they stand for here.
    words: Vec<(String, String)>,
}

impl Place {
    /// A place with what is given in a table, made by its bot while it is an administrator.
    pub(crate) async fn new(table: &Table) -> Self {
        let sim = Simulator::builder().start().await.unwrap();
        let guild = sim.guild("Rustaceans");
        let (ann, ben) = (guild.member("ann"), guild.member("ben"));
        let stranger = sim.guild("Elsewhere").member("zoe").id();
        let role = guild.role("helper", Permissions::NONE);
        guild.invites(&sim.other_bot("helpful"));
        let said = ann.says("hello").await;
        let other = ann.says("again").await;
        ann.reacts(&said, "🔥");
        let gateway = Gateway::identified(&sim, INTENTS).await;
        let words = [
            ("APPLICATION", sim.application_id().to_string()),
            ("BOT", sim.bot_user_id().to_string()),
            ("GUILD", guild.id().to_string()),
            ("OWNER", guild.owner().id().to_string()),
            ("GENERAL", guild.channel("general").id().to_string()),
            ("SPARE", guild.channel("spare").id().to_string()),
            ("LOUNGE", guild.voice_channel("lounge").id().to_string()),
            ("ANN", ann.id().to_string()),
            ("BEN", ben.id().to_string()),
            ("STRANGER", stranger.to_string()),
            ("ROLE", role.to_string()),
            ("BOTROLE", guild.bot_role().to_string()),
            ("SAID", said.id().to_string()),
            ("OTHER", other.id().to_string()),
            ("IMAGE", IMAGE.to_owned()),
        ];
        let words = words.map(|(word, meaning)| (word.to_owned(), meaning));
        let mut place = Self {
            sim,
            guild,
            gateway,
            words: words.to_vec(),
        };
        for (word, line) in &table.given {
            place.give(word, line).await;
        }
        if let Some(name) = table.voice {
            place.enter(name).await;
        }
        place
    }

    async fn enter(&mut self, name: &str) {
        let channel = self.guild.voice_channel(name);
        let state = json!({ "guild_id": self.guild.id(), "channel_id": channel.id() });
        self.gateway.send(&json!({ "op": 4, "d": state })).await;
        self.gateway.heard().await;
        assert!(self.guild.member("ann").enters_voice(&channel));
    }

    async fn give(&mut self, word: &str, line: &Line) {
        let answer = self.call(line).await;
        assert_eq!(line.expected.check(&answer), Ok(()), "{}", line.text);
        let (_, body) = answer;
        let own = self.sim.application_id().to_string();
        let listed = body.as_array().into_iter().flatten();
        let mut others = listed.filter(|it| it["application"]["id"] != own);
        let object = others.next().unwrap_or(&body);
        for (word, at) in [
            (word.to_owned(), "id"),
            (word.to_owned(), "code"),
            (word.to_owned(), "sound_id"),
            (format!("{word}_TOKEN"), "token"),
        ] {
            if let Some(meaning) = object[at].as_str() {
                self.words.push((word, meaning.to_owned()));
            }
        }
        if word == "RULED" {
            let command = body["id"].as_str().unwrap().parse().unwrap();
            self.guild.allow_command(command, &self.guild.owner(), true);
        }
        for frame in self.gateway.heard().await {
            if frame["t"] == "INTERACTION_CREATE" {
                for (word, at) in [("INTERACTION", "id"), ("TOKEN", "token")] {
                    let meaning = frame["d"][at].as_str().unwrap().to_owned();
                    self.words.push((word.to_owned(), meaning));
                }
            }
        }
    }

    fn filled(&self, text: &str) -> String {
        let fill = |text: String, (word, meaning): &(String, String)| {
            text.replace(&format!("{{{word}}}"), meaning)
        };
        self.words.iter().fold(text.to_owned(), fill)
    }

    /// Sends a line with another body, and holds nothing against the format.
    pub(crate) async fn send(&self, line: &Line, body: Value) -> (u16, Value) {
        let method = line.method.parse().unwrap();
        let body = serde_json::from_str(&self.filled(&body.to_string())).unwrap();
        let rest = Rest::with_token(&self.sim, &self.token_of(line));
        rest.send_freely(method, &self.filled(&line.path), body)
            .await
    }

    fn token_of(&self, line: &Line) -> String {
        match line.who {
            "" => format!("Bot {}", self.sim.token()),
            "nobody" => String::new(),
            name => format!("user {}", self.sim.guild("Rustaceans").member(name).id()),
        }
    }

    pub(crate) async fn call(&self, line: &Line) -> (u16, Value) {
        let method: Method = line.method.parse().unwrap();
        let body = line.body.map(|body| self.filled(body));
        let body = body.map(|body| serde_json::from_str::<Value>(&body).expect(line.text));
        let rest = Rest::with_token(&self.sim, &self.token_of(line));
        let path = self.filled(&line.path);
        let answer = match body {
            Some(mut body) if body["file"] == "picture" => {
                body.as_object_mut().map(|body| body.remove("file"));
                rest.upload(&path, &body, PICTURE).await
            }
            body => rest.call(method, &path, body).await,
        };
        (answer.status, answer.body)
    }

    /// Lets the bot do this, beside what every line takes, so that it is this which is missing.
    pub(crate) fn allow(&self, needs: Permissions) {
        self.guild.allow(self.guild.id(), Permissions::NONE);
        self.guild.allow(self.guild.bot_role(), GROUND | needs);
    }

    /// Takes from the bot what a line needs.
    pub(crate) fn deny(&self, needs: Permissions) {
        self.guild.allow(self.guild.id(), Permissions::NONE);
        let ground = GROUND.bits() & !needs.bits();
        self.guild
            .allow(self.guild.bot_role(), Permissions::from_bits(ground));
    }

    /// Lets the bot see no channel.
    pub(crate) fn hide(&self) {
        self.guild.allow(self.guild.id(), Permissions::NONE);
        let blind =
            Permissions::MANAGE_GUILD | Permissions::MANAGE_CHANNELS | Permissions::SEND_MESSAGES;
        self.guild.allow(self.guild.bot_role(), blind);
    }

    /// What the bot has heard since it was asked last; see [`Table`] for the names.
    pub(crate) async fn events(&mut self) -> Vec<String> {
        let name = |frame: &Value| match &frame["d"]["action_type"] {
            Value::Number(action) => format!("AUDIT_{action}"),
            _ => frame["t"].as_str().unwrap().to_owned(),
        };
        self.gateway.heard().await.iter().map(name).collect()
    }
}
