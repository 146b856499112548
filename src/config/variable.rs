//! One variable of the environment, typed.

use super::{
    BotName, Problems, reading,
    row::{Group, Kind, Row, Scope},
};

/// Reads a text that was given, or says what is wrong with it.
pub(super) type Read<T> = fn(&Row, &str) -> Result<T, Problems>;

/// A row, and how its text becomes a value.
pub struct Variable<T> {
    pub(super) row: Row,
    pub(super) read: Read<T>,
}

impl<T> Variable<T> {
    pub(super) const fn new(group: Group, kind: Kind, read: Read<T>, help: &'static str) -> Self {
        let row = Row {
            name: "",
            file: None,
            kind,
            default: None,
            group,
            scope: match group {
                Group::Process | Group::Log => Scope::Process,
                Group::Discord | Group::Data | Group::Bot => Scope::Bot,
            },
            help,
            shown: reading::shown,
            accepts: |_| true,
            shared_out: |_, text| text.to_owned(),
        };
        Self { row, read }
    }

    /// Takes `value` where nothing is given.
    pub(super) const fn or(mut self, value: &'static str) -> Self {
        self.row.default = Some(value);
        self
    }

    /// Each bot may have a value of its own, although the others of its group are of the process.
    pub(super) const fn per_bot(mut self) -> Self {
        self.row.scope = Scope::Bot;
        self
    }

    /// A value that is given for all bots becomes this for one of them.
    pub(super) const fn shared_out(mut self, of: fn(&BotName, &str) -> String) -> Self {
        self.row.shared_out = of;
        self
    }

    /// Its text is a secret: it may come from a file, and is shown as `shown` says.
    pub(super) const fn secret(mut self, shown: fn(&str) -> String) -> Self {
        self.row.file = Some("");
        self.row.shown = shown;
        self
    }

    pub(super) const fn named(mut self, name: &'static str, file: &'static str) -> Self {
        self.row.name = name;
        if self.row.file.is_some() {
            self.row.file = Some(file);
        }
        self
    }
}
