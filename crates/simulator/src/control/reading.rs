//! What there is to read: an overview, the transcript, what was asked for.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::control::{Answer, wrong};
use crate::core::Core;
use crate::payload::timestamp;
use crate::transcript::Line;

/// For people: where things are, who is here, what is missing.
pub(crate) async fn overview(State(core): State<Arc<Core>>) -> String {
    core.read(|world| {
        let mut page = format!(
            "A Discord on localhost.\n\
             \n\
             API      {api}/api/v10\n\
             gateway  {gateway}/?v=10&encoding=json\n\
             {api}/_sim/transcript  what was said, used and answered\n\
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

/// Plain text for people; with `Accept: application/json` an array. `?since=N` leaves out the first
/// N lines there ever were.
pub(super) async fn transcript(
    State(core): State<Arc<Core>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let since = query.get("since").map_or(Ok(0), |text| text.parse());
    let Ok(since) = since else {
        let refused = wrong("since", "expected how many lines to leave out");
        return super::Refused(refused).into_response();
    };
    let lines = core.read(|world| world.transcript.since(since));
    let accept = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("application/json")) {
        return Json(lines.iter().map(object).collect::<Vec<_>>()).into_response();
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    text.into_response()
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
