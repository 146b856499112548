//! A bot whose one command is `/rank`, and ann who uses it.

use cogsmith_simulator::{Guild, Person, Reply, Simulator, SlashError};
use serde_json::{Value, json};

use crate::client::{Gateway, INTENTS, Rest};
use crate::clock::Clock;

/// A guild with a bot whose one command is `/rank`.
pub(crate) struct World {
    pub(crate) sim: Simulator,
    pub(crate) clock: Clock,
    pub(crate) guild: Guild,
    pub(crate) ann: Person,
    pub(crate) rest: Rest,
    pub(crate) bot: Gateway,
}

/// Where an interaction is answered.
pub(crate) struct Paths {
    pub(crate) callback: String,
    pub(crate) follow_up: String,
    pub(crate) original: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = Clock::new();
        let sim = Simulator::builder().now(clock.now()).start().await.unwrap();
        let rest = Rest::new(&sim);
        let commands = format!("applications/{}/commands", sim.application_id());
        let rank = json!([{ "name": "rank", "description": "Your place" }]);
        rest.put(&commands, rank).await.with(200);
        let guild = sim.guild("Rustaceans");
        let ann = guild.member("ann");
        let mut bot = Gateway::identified(&sim, INTENTS).await;
        bot.event("GUILD_CREATE").await;
        Self {
            sim,
            clock,
            guild,
            ann,
            rest,
            bot,
        }
    }

    pub(crate) fn paths(&self, used: &Value) -> Paths {
        let text = |key: &str| used[key].as_str().unwrap();
        let follow_up = format!("webhooks/{}/{}", self.sim.application_id(), text("token"));
        Paths {
            callback: format!("interactions/{}/{}/callback", text("id"), text("token")),
            original: format!("{follow_up}/messages/@original"),
            follow_up,
        }
    }

    /// Ann uses `/rank`; the bot does what `answer` says.
    pub(crate) async fn rank(&mut self, answer: impl AsyncFnOnce(&Self, Paths)) -> Reply {
        let ann = self.ann.clone();
        let bot = async {
            let used = self.bot.event("INTERACTION_CREATE").await;
            let paths = self.paths(&used);
            answer(self, paths).await;
        };
        tokio::join!(ann.slash("/rank"), bot).0
    }

    /// Ann uses `/rank`; where it can be answered. What comes of it is not waited for.
    pub(crate) async fn used(
        &mut self,
    ) -> (Paths, tokio::task::JoinHandle<Result<Reply, SlashError>>) {
        let ann = self.ann.clone();
        let waiting = tokio::spawn(async move { ann.try_slash("/rank").await });
        let used = self.bot.event("INTERACTION_CREATE").await;
        (self.paths(&used), waiting)
    }
}

/// The body of a callback: a message of these words.
pub(crate) fn answer(content: &str) -> Value {
    json!({ "type": 4, "data": { "content": content } })
}
