//! Every operation that docs/SIMULATOR.md calls covered, played from tables: refused without its
//! permission, done with it and nothing else, heard as the events that it causes, in the form of
//! Discord's own file where that is at hand; and refused as Discord refuses it.

mod coverage;
mod garbled;
mod place;
mod table;

use cogsmith_simulator::Permissions;

use crate::operations::place::Place;
use crate::operations::table::{Expected, Line, Table};

/// A pixel.
pub(crate) const IMAGE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

macro_rules! tables {
    ($($name:ident)*) => {
        /// Every table.
        const TABLES: &[&str] = &[$(include_str!(concat!("operations/", stringify!($name), ".txt"))),*];

        $(#[tokio::test]
        async fn $name() {
            play(include_str!(concat!("operations/", stringify!($name), ".txt"))).await;
        })*
    };
}

tables! { announcements answers applications channels components forums guilds interactions members messages moderation polls promises roles scheduled_events sounds stages stickers suggestions template templates threads users webhooks welcome }

async fn play(text: &'static str) {
    let table = Table::read(text);
    let refusing = Place::new(&table).await;
    let mut failed = Vec::new();
    for line in &table.lines {
        let checked = match &line.expected {
            Expected::Refused { .. } => line.expected.check(&refusing.call(line).await),
            Expected::Done { needs, heard, .. } => {
                let place = Place::new(&table).await;
                check(place, line, *needs, heard).await
            }
        };
        if let Err(found) = checked {
            failed.push(format!("{}\n    {found}", line.text));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(refusing.sim.gaps(), [""; 0]);
}

async fn check(
    mut place: Place,
    line: &Line,
    needs: Permissions,
    heard: &[&str],
) -> Result<(), String> {
    if needs != Permissions::NONE {
        place.deny(needs);
        Expected::FORBIDDEN.check(&place.call(line).await)?;
    }
    place.allow(needs);
    place.events().await;
    line.expected.check(&place.call(line).await)?;
    let found = place.events().await;
    let gaps = place.sim.gaps();
    match found == heard && gaps.is_empty() {
        true => Ok(()),
        false => Err(format!("heard as {} {gaps:?}", found.join(" "))),
    }
}

#[tokio::test]
async fn nothing_is_done_in_a_guild_or_channel_that_is_not_seen() {
    for text in TABLES {
        let table = Table::read(text);
        let place = Place::new(&table).await;
        place.hide();
        for line in table.lines.iter().filter(|line| line.is_unseen_refused()) {
            let line = line.unseen();
            let checked = line.expected.check(&place.call(&line).await);
            assert_eq!(checked, Ok(()), "{}", line.text);
        }
    }
}
