//! Op 8: a client asks for members of a guild, and gets them in chunks.
//!
//! A chunk is made when the client has heard everything before it, so that the list of a guild of
//! a million members is never in memory as a whole.

use serde_json::{Value, json};

use crate::gateway::event;
use crate::gateway::operations::{Outcome, close_code};
use crate::intents::Intents;
use crate::payload;
use crate::rest::fields::id;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::guild::Guild;
use crate::world::member::Member;

/// How many members fit into one chunk.
const CHUNK: usize = 1000;
/// How many members a search by name or ids gives at most.
const SEARCH_MAX: usize = 100;
/// Longer nonces are ignored, as at Discord.
const NONCE_MAX: usize = 32;

/// The part of a list that is not sent yet.
#[derive(Debug)]
pub(crate) struct Chunks {
    request: MembersRequest,
    /// Who fitted when the list was asked for.
    users: Vec<Snowflake>,
    not_found: Vec<Snowflake>,
    next: usize,
}

impl Chunks {
    fn count(&self) -> usize {
        self.users.len().div_ceil(CHUNK).max(1)
    }
}

impl World {
    /// Takes the request; the socket asks for the chunks.
    pub(crate) fn request_members(&mut self, id: &str, data: &Value) -> Outcome {
        let Some(mut request) = MembersRequest::parse(data) else {
            return Outcome::Close(close_code::DECODE_ERROR);
        };
        let Some(session) = self.sessions.get(id) else {
            return Outcome::Quiet;
        };
        if request.is_whole_list() && !session.listener.intents.contains(Intents::GUILD_MEMBERS) {
            tracing::warn!("the whole member list needs the intent for guild members");
            return Outcome::Quiet;
        }
        request.sees_presences = session.listener.intents.contains(Intents::GUILD_PRESENCES);
        let Some(chunks) = self.chunks(request) else {
            return Outcome::Quiet;
        };
        if let Some(session) = self.sessions.get_mut(id) {
            session.requests.push_back(chunks);
        }
        Outcome::Continue
    }

    /// Puts the next chunk of a session's oldest request into its backlog; `false` when there is
    /// none.
    pub(crate) fn send_chunk(&mut self, id: &str) -> bool {
        let requests = self.sessions.get_mut(id).map(|it| &mut it.requests);
        let Some(mut chunks) = requests.and_then(|it| it.pop_front()) else {
            return false;
        };
        let chunk = self.chunk(&chunks);
        chunks.next += 1;
        if let Some(session) = self.sessions.get_mut(id) {
            if chunks.next < chunks.count() {
                session.requests.push_front(chunks);
            }
            session.push(event::write("GUILD_MEMBERS_CHUNK", &chunk));
        }
        true
    }

    /// Who fits; `None` when the bot knows no such guild.
    fn chunks(&self, request: MembersRequest) -> Option<Chunks> {
        let guild = self.guilds.get(&request.guild)?;
        guild.members.get(&self.application.id)?;
        let (users, not_found) = match &request.users {
            Some(ids) => {
                let known = |id: &Snowflake| guild.members.contains_key(id);
                ids.iter().copied().partition(known)
            }
            None => (self.members_named(guild, &request), Vec::new()),
        };
        Some(Chunks {
            request,
            users,
            not_found,
            next: 0,
        })
    }

    fn members_named(&self, guild: &Guild, request: &MembersRequest) -> Vec<Snowflake> {
        let query = request.query.to_lowercase();
        let begins = |name: &str| query.is_empty() || name.to_lowercase().starts_with(&query);
        let fits = |it: &&Member| {
            let by_name = self.users.get(&it.user).is_some_and(|it| begins(&it.name));
            by_name || it.nick.as_deref().is_some_and(begins)
        };
        let members = guild.members.values().filter(fits);
        members.take(request.limit).map(|it| it.user).collect()
    }

    fn chunk(&self, chunks: &Chunks) -> Value {
        let request = &chunks.request;
        let users = chunks.users.iter().skip(chunks.next * CHUNK).take(CHUNK);
        let guild = self.guilds.get(&request.guild);
        let known = |id| guild.and_then(|it| it.members.get(id));
        let members: Vec<_> = users.clone().filter_map(known).collect();
        let written = members.iter().map(|it| payload::guild::member(self, it));
        let mut chunk = json!({
            "guild_id": request.guild,
            "members": written.collect::<Vec<_>>(),
            "chunk_index": chunks.next,
            "chunk_count": chunks.count(),
            "not_found": chunks.not_found,
        });
        if request.presences {
            let shown = members.iter().filter(|_| request.sees_presences);
            let shown = shown.filter_map(|it| self.presence_in(request.guild, it.user));
            chunk["presences"] = shown.collect::<Vec<_>>().into();
        }
        if let Some(nonce) = &request.nonce {
            chunk["nonce"] = json!(nonce);
        }
        chunk
    }
}

/// Op 8.
#[derive(Debug)]
struct MembersRequest {
    guild: Snowflake,
    query: String,
    users: Option<Vec<Snowflake>>,
    limit: usize,
    presences: bool,
    sees_presences: bool,
    nonce: Option<String>,
}

impl MembersRequest {
    fn parse(data: &Value) -> Option<Self> {
        let guild = match &data["guild_id"] {
            Value::Array(guilds) => id(guilds.first()?)?,
            guild => id(guild)?,
        };
        let users = match &data["user_ids"] {
            Value::Null => None,
            Value::Array(ids) if ids.len() > SEARCH_MAX => return None,
            Value::Array(ids) => Some(ids.iter().map(id).collect::<Option<Vec<_>>>()?),
            single => Some(vec![id(single)?]),
        };
        if users.is_none() && !data["query"].is_string() {
            return None;
        }
        let query = data["query"].as_str().unwrap_or("").to_owned();
        let asked = usize::try_from(data["limit"].as_u64().unwrap_or(0)).ok()?;
        let limit = match asked {
            0 if query.is_empty() => usize::MAX,
            0 => SEARCH_MAX,
            asked if query.is_empty() => asked,
            asked => asked.min(SEARCH_MAX),
        };
        let nonce = data["nonce"].as_str().filter(|it| it.len() <= NONCE_MAX);
        Some(Self {
            guild,
            query,
            users,
            limit,
            presences: data["presences"].as_bool().unwrap_or(false),
            sees_presences: false,
            nonce: nonce.map(str::to_owned),
        })
    }

    const fn is_whole_list(&self) -> bool {
        self.query.is_empty() && self.users.is_none()
    }
}
