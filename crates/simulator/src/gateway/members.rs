//! Op 8: a client asks for members of a guild, and gets them in chunks.

use serde_json::{Value, json};

use crate::gateway::operations::{Outcome, close_code};
use crate::intents::Intents;
use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;

/// How many members fit into one chunk.
const CHUNK: usize = 1000;
/// How many members a search by name or ids gives at most.
const SEARCH_MAX: usize = 100;

impl World {
    /// Puts the chunks into the session's buffer, as events.
    pub(crate) fn send_members(&mut self, id: &str, data: &Value) -> Outcome {
        let Some(request) = MembersRequest::parse(data) else {
            return Outcome::Close(close_code::DECODE_ERROR);
        };
        let Some(session) = self.sessions.get(id) else {
            return Outcome::Quiet;
        };
        if request.is_whole_list() && !session.intents.contains(Intents::GUILD_MEMBERS) {
            tracing::warn!("the whole member list needs the intent for guild members");
            return Outcome::Quiet;
        }
        let chunks = self.member_chunks(&request);
        if let Some(session) = self.sessions.get_mut(id) {
            for chunk in chunks {
                session.push("GUILD_MEMBERS_CHUNK".into(), chunk.to_string().into());
            }
        }
        Outcome::Quiet
    }

    fn member_chunks(&self, request: &MembersRequest) -> Vec<Value> {
        let Ok(guild) = self.guild(request.guild) else {
            return Vec::new();
        };
        let fits = |user: Snowflake| match &request.users {
            Some(ids) => ids.contains(&user),
            None => self
                .name_of(user)
                .to_lowercase()
                .starts_with(&request.query.to_lowercase()),
        };
        let members = guild.members.values().filter(|it| fits(it.user));
        let members = members.take(request.limit);
        let members: Vec<_> = members.map(|it| payload::guild::member(self, it)).collect();
        let asked = request.users.iter().flatten();
        let missing = asked.filter(|id| !guild.members.contains_key(id));
        let not_found: Vec<_> = missing.collect();
        let chunks: Vec<_> = match members.is_empty() {
            true => vec![&members[..]],
            false => members.chunks(CHUNK).collect(),
        };
        let count = chunks.len();
        let write = |(index, members): (usize, &[Value])| {
            let mut chunk = json!({
                "guild_id": guild.id,
                "members": members,
                "chunk_index": index,
                "chunk_count": count,
                "not_found": not_found,
            });
            if request.presences {
                chunk["presences"] = json!([]);
            }
            if let Some(nonce) = &request.nonce {
                chunk["nonce"] = json!(nonce);
            }
            chunk
        };
        chunks.into_iter().enumerate().map(write).collect()
    }
}

/// Op 8.
struct MembersRequest {
    guild: Snowflake,
    query: String,
    users: Option<Vec<Snowflake>>,
    limit: usize,
    presences: bool,
    nonce: Option<String>,
}

impl MembersRequest {
    fn parse(data: &Value) -> Option<Self> {
        let id = |value: &Value| value.as_str()?.parse().ok();
        let guild = match &data["guild_id"] {
            Value::Array(guilds) => id(guilds.first()?)?,
            guild => id(guild)?,
        };
        let users = match &data["user_ids"] {
            Value::Null => None,
            Value::Array(ids) => Some(ids.iter().map(id).collect::<Option<Vec<_>>>()?),
            single => Some(vec![id(single)?]),
        };
        let query = data["query"].as_str().unwrap_or("").to_owned();
        if users.is_none() && !data["query"].is_string() {
            return None;
        }
        let asked = usize::try_from(data["limit"].as_u64().unwrap_or(0)).ok()?;
        let whole = users.is_none() && query.is_empty() && asked == 0;
        let limit = match asked {
            _ if whole => usize::MAX,
            0 => SEARCH_MAX,
            asked => asked.min(if query.is_empty() {
                usize::MAX
            } else {
                SEARCH_MAX
            }),
        };
        Some(Self {
            guild,
            query,
            users,
            limit,
            presences: data["presences"].as_bool().unwrap_or(false),
            nonce: data["nonce"].as_str().map(str::to_owned),
        })
    }

    const fn is_whole_list(&self) -> bool {
        self.limit == usize::MAX && self.users.is_none()
    }
}
