//! What there is to read: an overview, the transcript, what was asked for.

use std::fmt::Write;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::asked::{Wait, asked};
use crate::control::{Answer, Refused};
use crate::core::Core;
use crate::payload::timestamp;
use crate::transcript::Line;
use crate::world::World;

/// For people: where things are, who is here, what is missing.
pub(crate) async fn overview(State(core): State<Arc<Core>>) -> String {
    core.read(|world| {
        let mut page = format!(
            "A Discord on localhost.\n\
             \n\
             API      {api}/api/v10\n\
             gateway  {gateway}/?v=10&encoding=json\n\
             {api}/_sim/transcript  what was said, used and answered\n\
             Also under /_sim/: interactions, clock, faults, gateway, worlds, people, bots, voice,\n\
             gaps, requests; docs/SIMULATOR.md describes them.\n\
             \n",
            api = core.api_url,
            gateway = core.gateway_url,
        );
        for guild in world.guilds.values() {
            let members = guild.members.keys().map(|id| world.name_of(*id));
            let members = members.collect::<Vec<_>>().join(", ");
            // Writing into a string cannot fail.
            let _ = writeln!(page, "{}: {members}", guild.name);
        }
        let connected = world.sessions.connected().len();
        let gaps = world.gaps.join("\n  ");
        // Writing into a string cannot fail.
        let _ = writeln!(
            page,
            "\n{connected} shards connected\nnot simulated, but asked for:\n  {gaps}"
        );
        page
    })
}

/// From where on the transcript is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    since: usize,
    #[serde(default)]
    wait_ms: Wait,
}

/// Plain text for people; with `Accept: application/json` an array. `since=N` leaves out the first
/// N lines there ever were; with `wait_ms` the answer comes when there are others, or when so much
/// real time is over.
pub(super) async fn transcript(
    State(core): State<Arc<Core>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let Wanted { since, wait_ms } = asked(&uri)?;
    let has_more = |world: &World| world.transcript.count() > since;
    wait_ms.until(&core, has_more).await;
    let lines = core.read(|world| world.transcript.since(since));
    let accept = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("application/json")) {
        return Ok(Json(lines.iter().map(object).collect::<Vec<_>>()).into_response());
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Ok(text.into_response())
}

fn object(line: &Line) -> Value {
    json!({
        "at": timestamp(line.at),
        "who": line.who,
        "deed": format!("{:?}", line.deed).to_lowercase(),
        "text": line.text,
        "channel": line.channel,
        "only_for": line.only_for,
    })
}

/// What the bot asked for and is not simulated, and what breaks Discord's own format.
pub(super) async fn gaps(State(core): State<Arc<Core>>) -> Answer {
    let found = core.read(|world| json!({ "gaps": world.gaps, "violations": world.violations }));
    Ok(Json(found))
}

/// The last requests of bots, oldest first.
pub(super) async fn requests(State(core): State<Arc<Core>>) -> Answer {
    let requests = core.read(|world| world.journal.all());
    let requests = requests.iter().map(
        |it| json!({ "method": it.method, "path": it.path, "body": it.body, "status": it.status }),
    );
    Ok(Json(requests.collect()))
}
