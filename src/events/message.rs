//! The little of a message that folds and the choice of listeners need, read without building the rest.

use serde::{Deserialize, de::IgnoredAny};
use serenity::model::{
    channel::MessageType,
    id::{ChannelId, GuildId, MessageId, UserId},
};

use super::Position;

/// A message as a fold and [`only`](crate::module::ListenerSetup::only) see it. Its text is never read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeanMessage<'a> {
    /// The message's id; it also holds the instant of its creation.
    pub id: MessageId,
    /// Where it was said.
    pub channel_id: ChannelId,
    /// The guild, or `None` in a direct message.
    pub guild_id: Option<GuildId>,
    /// Who said it. The id of a webhook when [`LeanMessage::is_webhook`].
    pub author_id: UserId,
    /// Whether the author is a bot.
    pub author_is_bot: bool,
    /// Whether a webhook posted it.
    pub is_webhook: bool,
    /// What kind of message it is: said, a reply, a notice of a join.
    pub kind: MessageType,
    /// Which event it is: what a fold notes in its [`Positions`](super::Positions).
    pub position: &'a Position,
}

impl<'a> LeanMessage<'a> {
    /// Reads the raw text of a MESSAGE_CREATE frame.
    ///
    /// # Errors
    /// The text is not JSON, or a field that is read here is missing or of another kind.
    pub fn parse(raw: &str, position: &'a Position) -> Result<Self, serde_json::Error> {
        let Frame { d: body } = serde_json::from_str(raw)?;
        Ok(Self {
            id: body.id,
            channel_id: body.channel_id,
            guild_id: body.guild_id,
            author_id: body.author.id,
            author_is_bot: body.author.bot,
            is_webhook: body.webhook_id.is_some(),
            kind: body.kind.into(),
            position,
        })
    }

    /// Whether it is a notice by Discord (a join, a pin, a boost) and not something that its author said.
    pub fn is_notice(&self) -> bool {
        !SAID.contains(&self.kind)
    }
}

/// The kinds of message that somebody said.
const SAID: [MessageType; 5] = [
    MessageType::Regular,
    MessageType::InlineReply,
    MessageType::ChatInputCommand,
    MessageType::ThreadStarterMessage,
    MessageType::ContextMenuCommand,
];

#[derive(Deserialize)]
struct Frame {
    d: Body,
}

#[derive(Deserialize)]
struct Body {
    id: MessageId,
    channel_id: ChannelId,
    guild_id: Option<GuildId>,
    author: Author,
    webhook_id: Option<IgnoredAny>,
    #[serde(default, rename = "type")]
    kind: u8,
}

#[derive(Deserialize)]
struct Author {
    id: UserId,
    #[serde(default)]
    bot: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position() -> Position {
        Position {
            shard: 0,
            session: "s".into(),
            sequence: 7,
        }
    }

    fn check(body: &str, expected: impl FnOnce(&mut LeanMessage<'_>)) {
        let position = position();
        let raw = format!(r#"{{"t":"MESSAGE_CREATE","s":7,"op":0,"d":{body}}}"#);
        let mut message = LeanMessage {
            id: MessageId::new(1),
            channel_id: ChannelId::new(2),
            guild_id: Some(GuildId::new(3)),
            author_id: UserId::new(4),
            author_is_bot: false,
            is_webhook: false,
            kind: MessageType::Regular,
            position: &position,
        };
        expected(&mut message);
        assert_eq!(
            LeanMessage::parse(&raw, &position).unwrap(),
            message,
            "{body}"
        );
    }

    #[test]
    fn only_what_counts_is_read() {
        let base = r#""id":"1","channel_id":"2","guild_id":"3""#;
        check(&format!(r#"{{{base},"author":{{"id":"4"}}}}"#), |_| ());
        check(
            &format!(r#"{{{base},"author":{{"id":"4","bot":true}}}}"#),
            |m| m.author_is_bot = true,
        );
        check(
            &format!(r#"{{{base},"webhook_id":"4","author":{{"id":"4"}}}}"#),
            |m| m.is_webhook = true,
        );
        check(
            &format!(r#"{{{base},"webhook_id":null,"author":{{"id":"4"}}}}"#),
            |_| (),
        );
        check(
            &format!(r#"{{{base},"type":19,"author":{{"id":"4"}}}}"#),
            |m| m.kind = MessageType::InlineReply,
        );
        check(
            &format!(r#"{{{base},"type":7,"author":{{"id":"4"}}}}"#),
            |m| m.kind = MessageType::MemberJoin,
        );
        check(
            &format!(r#"{{{base},"type":250,"author":{{"id":"4"}}}}"#),
            |m| m.kind = MessageType::Unknown(250),
        );
        check(r#"{"id":"1","channel_id":"2","author":{"id":"4"}}"#, |m| {
            m.guild_id = None
        });
        let nested =
            r#""embeds":[{"author":{"id":"9","bot":true}}],"content":"\"guild_id\":\"9\"""#;
        check(
            &format!(r#"{{{nested},{base},"author":{{"id":"4","username":"ann"}}}}"#),
            |_| (),
        );
    }

    #[test]
    fn what_discord_says_itself_is_a_notice() {
        let position = position();
        for (kind, expected) in [
            (0, false),
            (19, false),
            (20, false),
            (23, false),
            (6, true),
            (7, true),
            (8, true),
        ] {
            let raw = format!(
                r#"{{"d":{{"id":"1","channel_id":"2","type":{kind},"author":{{"id":"4"}}}}}}"#
            );
            let message = LeanMessage::parse(&raw, &position).unwrap();
            assert_eq!(message.is_notice(), expected, "{kind}");
        }
    }

    #[test]
    fn a_message_without_an_author_is_an_error() {
        let raw = r#"{"d":{"id":"1","channel_id":"2"}}"#;
        let error = LeanMessage::parse(raw, &position())
            .unwrap_err()
            .to_string();
        assert!(error.contains("missing field `author`"), "{error}");
    }
}
