//! One setting of a module, typed.

use std::{fmt, marker::PhantomData, ops::RangeInclusive};

use chrono_tz::Tz;
use serenity::model::id::{ChannelId, RoleId};

use super::{
    Kind,
    kind::{self},
};

/// A key, the values that it accepts, and the default: a constant of the module that declares it.
///
/// ```
/// use cogsmith::settings::Setting;
///
/// const GOAL: Setting<i64> =
///     Setting::integer("challenges.goal", 1..=500, 10, "Pages that a week asks for");
/// assert_eq!(GOAL.key(), "challenges.goal");
/// ```
pub struct Setting<T> {
    key: &'static str,
    kind: Kind,
    default: Fallback,
    description: &'static str,
    value: PhantomData<fn() -> T>,
}

/// A default, as far as a constant can hold it.
#[derive(Clone, Copy)]
pub(super) enum Fallback {
    Nothing,
    Bool(bool),
    Integer(i64),
    Text(&'static str),
    Zone(Tz),
}

impl fmt::Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Bool(true) => f.write_str("on"),
            Self::Bool(false) => f.write_str("off"),
            Self::Integer(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Zone(zone) => f.write_str(zone.name()),
        }
    }
}

impl<T> Setting<T> {
    const fn new(
        key: &'static str,
        kind: Kind,
        default: Fallback,
        description: &'static str,
    ) -> Self {
        Self {
            key,
            kind,
            default,
            description,
            value: PhantomData,
        }
    }

    /// `<module>.<name>`: durable, so renaming it is a migration.
    pub const fn key(&self) -> &'static str {
        self.key
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) const fn description(&self) -> &'static str {
        self.description
    }

    pub(super) fn default_text(&self) -> String {
        self.default.to_string()
    }
}

impl<T: Value> Setting<T> {
    /// The value that a kept text stands for, if it is accepted.
    pub(super) fn read(&self, kept: &str) -> Option<T> {
        let kept = self.kind.read(kept).ok()?;
        T::of(self.kind, &kept)
    }

    pub(super) fn fallback(&self) -> T {
        let default = self.default_text();
        T::of(self.kind, &default).expect("the default was checked when the setting was declared")
    }
}

impl Setting<bool> {
    /// On or off.
    pub const fn bool(key: &'static str, default: bool, description: &'static str) -> Self {
        Self::new(key, Kind::Bool, Fallback::Bool(default), description)
    }
}

impl Setting<i64> {
    /// A whole number within `range`.
    pub const fn integer(
        key: &'static str,
        range: RangeInclusive<i64>,
        default: i64,
        description: &'static str,
    ) -> Self {
        let (least, most) = (*range.start(), *range.end());
        let kind = Kind::Integer { least, most };
        Self::new(key, kind, Fallback::Integer(default), description)
    }
}

impl Setting<String> {
    /// A text of 1 to `most` code points.
    pub const fn text(
        key: &'static str,
        most: usize,
        default: &'static str,
        description: &'static str,
    ) -> Self {
        let kind = Kind::Text { most };
        Self::new(key, kind, Fallback::Text(default), description)
    }
}

impl Setting<Option<ChannelId>> {
    /// A channel of the guild; none at first.
    pub const fn channel(key: &'static str, description: &'static str) -> Self {
        Self::new(key, Kind::Channel, Fallback::Nothing, description)
    }
}

impl Setting<Option<RoleId>> {
    /// A role of the guild; none at first.
    pub const fn role(key: &'static str, description: &'static str) -> Self {
        Self::new(key, Kind::Role, Fallback::Nothing, description)
    }
}

impl Setting<&'static str> {
    /// One of `choices`.
    pub const fn choice(
        key: &'static str,
        choices: &'static [&'static str],
        default: &'static str,
        description: &'static str,
    ) -> Self {
        let kind = Kind::Choice(choices);
        Self::new(key, kind, Fallback::Text(default), description)
    }
}

impl Setting<Tz> {
    /// A time zone.
    pub const fn zone(key: &'static str, default: Tz, description: &'static str) -> Self {
        Self::new(key, Kind::Zone, Fallback::Zone(default), description)
    }
}

/// What a setting can hold. Implemented for every type that [`Setting`] has a constructor for.
pub trait Value: Sized + 'static {
    /// The value that a kept text stands for; an empty text stands for none.
    #[doc(hidden)]
    fn of(kind: Kind, kept: &str) -> Option<Self>;
}

impl Value for bool {
    fn of(_kind: Kind, kept: &str) -> Option<Self> {
        kind::bool_of(kept)
    }
}

impl Value for i64 {
    fn of(_kind: Kind, kept: &str) -> Option<Self> {
        kept.parse().ok()
    }
}

impl Value for String {
    fn of(_kind: Kind, kept: &str) -> Option<Self> {
        Some(kept.to_owned())
    }
}

impl Value for Option<ChannelId> {
    fn of(_kind: Kind, kept: &str) -> Option<Self> {
        optional(kept, ChannelId::new)
    }
}

impl Value for Option<RoleId> {
    fn of(_kind: Kind, kept: &str) -> Option<Self> {
        optional(kept, RoleId::new)
    }
}

impl Value for &'static str {
    fn of(kind: Kind, kept: &str) -> Option<Self> {
        match kind {
            Kind::Choice(choices) => choices.iter().find(|choice| **choice == kept).copied(),
            _ => None,
        }
    }
}

impl Value for Tz {
    fn of(_kind: Kind, kept: &str) -> Option<Self> {
        kept.parse().ok()
    }
}

#[expect(clippy::option_option, reason = "read, and none: two things")]
fn optional<I>(kept: &str, new: fn(u64) -> I) -> Option<Option<I>> {
    match kept {
        "" => Some(None),
        kept => kept
            .parse()
            .ok()
            .filter(|id| *id > 0)
            .map(|id| Some(new(id))),
    }
}
