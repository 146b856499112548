//! Whether the database can be read and written, and who has it.

use super::finding::Finding;
use crate::{
    config::DatabaseUrl,
    store::{Db, Error, Owner},
    switches::Switches,
};

const SUBJECT: &str = "database";

/// What was found, and what is stored of switches where that can be read.
pub(super) struct Looked {
    pub(super) findings: Vec<Finding>,
    pub(super) switches: Option<Switches>,
}

/// Reads beside whoever owns it; nothing is created, migrated or written.
pub(super) async fn look(url: &DatabaseUrl) -> Looked {
    match Db::open_to_read(url).await {
        Ok(db) => {
            let switches = Switches::open_to_read(db.clone()).await;
            let mut findings = vec![Finding::ok(SUBJECT, format!("{url} is up to date"))];
            findings.extend(switches.as_ref().err().map(unreadable));
            findings.extend(obstacle(&db, url).await);
            findings.extend(owner(&db, url).await);
            db.close().await;
            Looked {
                findings,
                switches: switches.ok(),
            }
        }
        Err(error) => Looked {
            findings: vec![not_opened(url, &error)],
            switches: None,
        },
    }
}

async fn obstacle(db: &Db, url: &DatabaseUrl) -> Option<Finding> {
    match db.obstacle(url).await {
        Ok(None) => None,
        Ok(Some(text)) => {
            let text = format!("it cannot be written: {text}");
            let advice = "let the user that runs the bot write there";
            Some(Finding::problem(SUBJECT, text, advice))
        }
        Err(error) => Some(unreadable(&error)),
    }
}

async fn owner(db: &Db, url: &DatabaseUrl) -> Option<Finding> {
    let text = match db.owner(url).await {
        Ok(Owner::Nobody) => "no process has it: the bot does not run".to_owned(),
        Ok(Owner::Process(Some(pid))) => format!("process {pid} has it"),
        Ok(Owner::Process(None)) => "a process has it".to_owned(),
        Err(error) => return Some(unreadable(&error)),
    };
    Some(Finding::ok(SUBJECT, text))
}

fn not_opened(url: &DatabaseUrl, error: &Error) -> Finding {
    match (url, error) {
        (DatabaseUrl::Sqlite(path), _) if !path.exists() => Finding::ok(
            SUBJECT,
            format!("{url} is not there yet; the first start makes it"),
        ),
        (_, Error::Older { .. }) => {
            let advice = "run `cogsmith migrate`, or start the bot, which does so too";
            Finding::warning(SUBJECT, error.to_string(), advice)
        }
        _ => unreadable(error),
    }
}

fn unreadable(error: &Error) -> Finding {
    let advice = "see what the error says; docs/OPERATIONS.md, When things go wrong, says more";
    Finding::problem(SUBJECT, error.to_string(), advice)
}
