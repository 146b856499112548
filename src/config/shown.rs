//! What holds, and where it comes from, without secrets.

use super::{BotName, Known, Row, Scope, TABLE, Variables, bots};

/// What a variable is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The variable.
    pub name: &'static str,
    /// Its value as it may be shown; `None` when it has none.
    pub value: Option<String>,
    /// Whether the value is what the variable takes; the file of a secret is not looked into.
    pub is_accepted: bool,
    /// Where the value comes from, such as `line 3 of /srv/bot/.env` or `default`.
    pub place: String,
}

/// What holds for the process, or for one of its bots.
#[derive(Debug)]
pub struct Section {
    /// The bot; `None` for what holds for all of them, and for a single one.
    pub bot: Option<BotName>,
    /// Each variable, and what it is set to.
    pub settings: Vec<(&'static Row, Setting)>,
}

impl Variables {
    /// Every variable of the [table](super::TABLE), and what it is set to.
    pub fn settings(&self) -> impl Iterator<Item = (&'static Row, Setting)> {
        TABLE.iter().map(|row| (row, self.setting(row)))
    }

    /// What holds for the process, and for each bot on its own where there are several.
    pub fn sections(&self, known: &Known) -> Vec<Section> {
        let (names, _) = bots::of_process(self, known);
        let names: Vec<_> = names.into_iter().flatten().collect();
        if names.is_empty() {
            let settings = self.settings().collect();
            return vec![Section {
                bot: None,
                settings,
            }];
        }
        let of_process = self.section(None, Scope::Process);
        let of_bots = names
            .into_iter()
            .map(|name| self.of(&name).section(Some(name), Scope::Bot));
        std::iter::once(of_process).chain(of_bots).collect()
    }

    fn section(&self, bot: Option<BotName>, scope: Scope) -> Section {
        let settings = self.settings().filter(|(row, _)| row.scope == scope);
        let settings = settings.map(|(row, setting)| (row, self.placed(setting)));
        Section {
            bot,
            settings: settings.collect(),
        }
    }

    /// A value of a bot's own is told with the name that it was given under.
    fn placed(&self, mut setting: Setting) -> Setting {
        if let Some((bot, own)) = &self.own
            && own.contains(&setting.name)
        {
            setting.place = format!("{}{}, {}", bot.prefix(), setting.name, setting.place);
        }
        setting
    }

    fn setting(&self, row: &'static Row) -> Setting {
        let given = row.names().find_map(|name| Some((name, self.given(name)?)));
        let (value, place) = match (given, row.default) {
            (Some((name, given)), _) if name == row.name => {
                let value = self.shared_out(row, given.value.trim().into());
                (Some(row.shown(&value)), given.place.clone())
            }
            (Some((_, given)), _) => {
                let file = shown_path(given.value.trim());
                let place = format!("{file}, named by {}", given.place);
                (Some("(hidden)".to_owned()), place)
            }
            (None, Some(default)) => {
                let value = self.shared_out(row, default.into()).into_owned();
                (Some(value), "default".to_owned())
            }
            (None, None) => (None, "default".to_owned()),
        };
        let direct = self.text(row);
        Setting {
            name: row.name,
            value,
            is_accepted: direct.is_none_or(|text| (row.accepts)(text)),
            place,
        }
    }
}

/// A secret that was given in place of a path has no slash.
pub(super) fn shown_path(path: &str) -> &str {
    if path.contains('/') { path } else { "a file" }
}
