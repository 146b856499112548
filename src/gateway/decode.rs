//! From the raw text of a frame to no more than what somebody listens to.

use std::borrow::Cow;

use serde::Deserialize;
use serenity::model::id::{ChannelId, GuildId};
use twilight_model::gateway::event::GatewayEventDeserializer;

use crate::bus::lanes::Place;

/// The keys of a frame that stand before its data, found without parsing the data.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub(super) op: u8,
    pub(super) sequence: u64,
    pub(super) kind: Cow<'a, str>,
}

impl<'a> Header<'a> {
    /// `None` for a text that is no frame. What a frame lacks is 0 or empty.
    pub(super) fn of(raw: &'a str) -> Option<Self> {
        let (op, sequence, kind) = GatewayEventDeserializer::from_json(raw)?.into_parts();
        Some(Self {
            op,
            sequence: sequence.unwrap_or_default(),
            kind: kind.unwrap_or_default(),
        })
    }
}

/// The data of a frame, read as one type.
pub(super) fn data<T: for<'de> Deserialize<'de>>(raw: &str) -> Result<T, serde_json::Error> {
    #[derive(Deserialize)]
    struct Frame<T> {
        d: T,
    }
    serde_json::from_str::<Frame<T>>(raw).map(|frame| frame.d)
}

/// Where an event belongs: to its guild, or without a guild to its channel, or nowhere.
pub(super) fn place(kind: &str, raw: &str) -> Place {
    #[derive(Deserialize)]
    struct Guild {
        id: GuildId,
    }
    #[derive(Default, Deserialize)]
    struct Ids {
        guild_id: Option<GuildId>,
        channel_id: Option<ChannelId>,
    }
    if let "GUILD_CREATE" | "GUILD_UPDATE" | "GUILD_DELETE" = kind {
        return data::<Guild>(raw).map_or(Place::Common, |guild| Place::Guild(guild.id));
    }
    match data::<Ids>(raw).unwrap_or_default() {
        Ids {
            guild_id: Some(guild),
            ..
        } => Place::Guild(guild),
        Ids {
            channel_id: Some(channel),
            ..
        } => Place::Channel(channel),
        _ => Place::Common,
    }
}

/// What was wrong with a text, without the text: serde quotes values, with escapes, between double quotes.
pub(super) fn problem(error: &impl ToString) -> String {
    let text = error.to_string();
    match (text.find('"'), text.rfind('"')) {
        (Some(from), Some(to)) => format!("{}\"…\"{}", &text[..from], &text[to + 1..]),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_found_before_the_data() {
        fn check(raw: &str, expected: Option<(u8, u64, &str)>) {
            let expected = expected.map(|(op, sequence, kind)| Header {
                op,
                sequence,
                kind: kind.into(),
            });
            assert_eq!(Header::of(raw), expected, "{raw}");
        }
        check(
            r#"{"t":"READY","s":1,"op":0,"d":{"t":"x","op":9}}"#,
            Some((0, 1, "READY")),
        );
        check(r#"{"t":null,"s":null,"op":11}"#, Some((11, 0, "")));
        check(
            r#"{"op":10,"d":{"heartbeat_interval":41250}}"#,
            Some((10, 0, "")),
        );
        check("[]", None);
        check("", None);
    }

    #[test]
    fn an_event_belongs_to_its_guild() {
        fn check(kind: &str, data: &str, expected: Place) {
            assert_eq!(
                place(
                    kind,
                    &format!(r#"{{"t":"{kind}","s":1,"op":0,"d":{data}}}"#)
                ),
                expected,
                "{data}"
            );
        }
        let guild = Place::Guild(GuildId::new(3));
        let channel = Place::Channel(ChannelId::new(2));
        check(
            "MESSAGE_CREATE",
            r#"{"id":"1","channel_id":"2","guild_id":"3"}"#,
            guild,
        );
        check("MESSAGE_CREATE", r#"{"id":"1","channel_id":"2"}"#, channel);
        check("GUILD_CREATE", r#"{"id":"3","name":"Rustaceans"}"#, guild);
        check("GUILD_DELETE", r#"{"id":"3","unavailable":true}"#, guild);
        check("READY", r#"{"v":10}"#, Place::Common);
        check("RESUMED", "null", Place::Common);
        check("USER_UPDATE", r#"{"id":"3"}"#, Place::Common);
    }

    #[test]
    fn a_problem_never_shows_what_people_wrote() {
        let error = serde_json::from_str::<u8>(r#""hello \"there\"""#).unwrap_err();
        let problem = problem(&error);
        assert!(problem.starts_with("invalid type: string"), "{problem}");
        assert!(
            !problem.contains("hello") && !problem.contains("there"),
            "{problem}"
        );
    }
}
