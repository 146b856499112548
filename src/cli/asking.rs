//! Asking the owner of the database: the running bot or, while it rests, what there is of it here.

use std::{
    io,
    os::unix::fs::MetadataExt,
    time::{Duration, Instant},
};

use anyhow::Context as _;

use super::{out, settings::Settings};
use crate::{
    admin::{Asked, Place, Told, Wish, ask},
    app::Resting,
    config::{DatabaseUrl, Problems, Sockets},
    error::{Result, UserError},
    module::Modules,
    store,
};

/// How long somebody may have the database and answer at no socket: the bot as it starts or ends, or another verb.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(100);

/// Where a database is, and where its owner is asked.
pub(super) struct Owner {
    pub(super) url: DatabaseUrl,
    pub(super) place: Place,
}

impl Owner {
    /// # Errors
    /// Every problem of the settings found so far.
    pub(super) fn read(settings: &mut Settings) -> Result<Self, Problems> {
        let url = DatabaseUrl::read(&settings.variables);
        match settings.problems.keep(url) {
            Some(url) => Self::of(url, settings),
            None => Err(std::mem::take(&mut settings.problems)),
        }
    }

    /// The owner of this database.
    ///
    /// # Errors
    /// As [`Owner::read`].
    pub(super) fn of(url: DatabaseUrl, settings: &mut Settings) -> Result<Self, Problems> {
        let sockets = Sockets::read(&settings.variables);
        match settings.problems.keep(sockets) {
            Some(sockets) if settings.problems.is_empty() => {
                let place = Place::of(&url, sockets.folder.as_deref());
                Ok(Self { url, place })
            }
            _ => Err(std::mem::take(&mut settings.problems)),
        }
    }

    /// Asks the running bot, and tells which process that is; `None` when none answers.
    ///
    /// # Errors
    /// There is one that may not be asked, or answers wrongly.
    pub(super) async fn ask(&self, wish: &Wish) -> Result<Option<(Told, String)>> {
        let asked = ask(&self.place, wish).await;
        let path = self.place.path().display();
        match asked.with_context(|| format!("asking the running bot at {path}"))? {
            Asked::Nobody => Ok(None),
            Asked::Told { told, pid } => {
                let pid = pid.map_or_else(|| "elsewhere".to_owned(), |pid| format!("pid {pid}"));
                Ok(Some((told, pid)))
            }
        }
    }
}

/// Asks, says on standard error who was asked, and prints the answer: for people, or with `json` for a machine.
///
/// # Errors
/// What was asked for was refused or failed, or nobody could be asked.
pub(super) async fn tell(
    mut settings: Settings,
    modules: Modules,
    wish: &Wish,
    json: bool,
) -> Result<()> {
    settings.start_log_at("warn");
    let owner = Owner::read(&mut settings)?;
    match answer(&mut settings, modules, &owner, wish).await? {
        Told::Done {
            text,
            facts,
            refused,
        } => {
            match json {
                true => out::line(format_args!("{facts:#}")),
                false => out::line(text),
            }?;
            anyhow::ensure!(refused == 0, "{refused} of them did not do it");
            Ok(())
        }
        Told::Refused(why) => Err(UserError::new(why).into()),
        Told::Failed(why) => anyhow::bail!(why),
        Told::Hello(_) => anyhow::bail!("the bot has answered something else than it was asked"),
    }
}

async fn answer(
    settings: &mut Settings,
    modules: Modules,
    owner: &Owner,
    wish: &Wish,
) -> Result<Told> {
    let began = Instant::now();
    loop {
        if let Some((told, pid)) = owner.ask(wish).await? {
            out::aside(format_args!("asked the running bot ({pid})\n"));
            return Ok(told);
        }
        match rest(settings, modules.clone(), owner, wish).await {
            Err(error) if is_in_use(&error) && began.elapsed() < PATIENCE => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) if is_in_use(&error) => {
                let path = owner.place.path().display();
                let hint = format!("nobody answers at {path}, and the database cannot be had");
                return Err(error.context(hint));
            }
            answered => return answered,
        }
    }
}

pub(super) fn is_in_use(error: &crate::error::Error) -> bool {
    let error = error.downcast_ref::<store::Error>();
    matches!(error, Some(store::Error::InUse { .. }))
}

/// Answers with what there is of the bot while it rests.
async fn rest(
    settings: &mut Settings,
    modules: Modules,
    owner: &Owner,
    wish: &Wish,
) -> Result<Told> {
    is_ours(&owner.url)?;
    let db = settings
        .open("DATABASE_URL", &owner.url, Duration::ZERO)
        .await?;
    let Some(db) = db else {
        return Err(std::mem::take(&mut settings.problems).into());
    };
    let resting = Box::pin(Resting::open(db, modules)).await?;
    let uid = rustix::process::geteuid().as_raw();
    let told = resting.desk.answer(wish, uid).await;
    resting.close().await;
    out::aside(match (wish.what.changes(), &told) {
        (true, Told::Done { .. }) => {
            "the bot rests: changed the database, which its next start heeds\n"
        }
        (true, _) => "the bot rests: the database is as it was\n",
        (false, _) => "the bot rests: looked into the database\n",
    });
    Ok(told)
}

/// A file that is not there holds nothing, and is not made; one of somebody else's would be left with files of root's
/// beside it, which the bot could not open.
fn is_ours(url: &DatabaseUrl) -> Result<()> {
    let DatabaseUrl::Sqlite(file) = url else {
        return Ok(());
    };
    let found = match std::fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let why = format!("There is no database at {url} yet, and no bot runs on it.");
            return Err(UserError::new(why).into());
        }
        Err(_) => return Ok(()),
        Ok(found) => found,
    };
    let (owner, own) = (found.uid(), rustix::process::geteuid());
    if own.is_root() && owner != own.as_raw() {
        let why =
            format!("{url} belongs to uid {owner}. While the bot rests, do this as that user.");
        return Err(UserError::new(why).into());
    }
    Ok(())
}
