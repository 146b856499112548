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
    /// # Panics
    /// The key does not begin with the module's name and a dot, or the default is not accepted.
    pub(crate) fn new<T: Value>(module: &str, setting: &Setting<T>) -> Self {
        let key = setting.key();
        let name = key
            .strip_prefix(module)
            .and_then(|rest| rest.strip_prefix('.'));
        assert!(
            name.is_some_and(|name| !name.is_empty()),
            "the setting {key:?} of module {module:?} is to be named {module}.<name>"
        );
        let default = setting.default_text();
        let has_none = default.is_empty() && T::of(setting.kind(), "").is_some();
        assert!(
            has_none || setting.read(&default).is_some(),
            "the default {default:?} of the setting {key:?} is not {}",
            setting.kind().expected()
        );
        Self {
            key,
            kind: setting.kind(),
            default,
            description: setting.description(),
        }
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
}
