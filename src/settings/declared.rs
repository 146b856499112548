//! A setting without its type, as commands show and change it.

use super::{Kind, Setting, Value};

/// What is known of a setting that a module has declared.
#[derive(Debug, Clone)]
pub struct Declared {
    key: &'static str,
    kind: Kind,
    default: String,
    description: &'static str,
}

impl Declared {
    /// The setting of a module of this name.
    ///
    /// # Errors
    /// The key does not begin with the module's name and a dot, or the default is not accepted.
    pub(crate) fn new<T: Value>(module: &str, setting: &Setting<T>) -> Result<Self, String> {
        let key = setting.key();
        let name = key
            .strip_prefix(module)
            .and_then(|rest| rest.strip_prefix('.'));
        if name.is_none_or(str::is_empty) {
            return Err(format!(
                "the setting {key:?} is to be named {module}.<name>"
            ));
        }
        let default = setting.default_text();
        let has_none = default.is_empty() && T::of(setting.kind(), "").is_some();
        if !has_none && setting.read(&default).is_none() {
            let expected = setting.kind().expected();
            return Err(format!(
                "the default {default:?} of the setting {key:?} is not {expected}"
            ));
        }
        Ok(Self {
            key,
            kind: setting.kind(),
            default,
            description: setting.description(),
        })
    }

    /// `<module>.<name>`.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// The name of its module.
    pub fn module(&self) -> &'static str {
        self.key.split('.').next().unwrap_or_default()
    }

    /// What it accepts.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What holds where nothing was set; empty for none.
    pub fn default(&self) -> &str {
        &self.default
    }

    /// What it is for.
    pub fn description(&self) -> &'static str {
        self.description
    }

    /// A kept text, or with `None` the default, as people read it in a sentence.
    pub(super) fn in_words(&self, kept: Option<&str>) -> String {
        let shown = self.kind.shown(kept.unwrap_or(&self.default));
        let note = if kept.is_none() { " (default)" } else { "" };
        format!("{}{note}", shown.trim_matches('`'))
    }
}
