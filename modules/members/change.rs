//! What has become of one member between two snapshots.

use std::fmt;

use serenity::model::id::{RoleId, UserId};

use super::{member::Member, snapshot::Snapshot, version::Version};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) user: UserId,
    /// What they are called, or were when they left.
    pub(super) name: String,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Joined,
    Left,
    Changed {
        /// What they were called before, when that is another name.
        called: Option<String>,
        given: Vec<RoleId>,
        taken: Vec<RoleId>,
        /// They left, and joined anew.
        is_back: bool,
    },
}

impl Change {
    /// Of the versions of one member that began or ended between two snapshots. `None` when the member is what they
    /// were, or was in neither.
    pub(super) fn between(
        versions: &[Version],
        older: &Snapshot,
        newer: &Snapshot,
    ) -> Option<Self> {
        let held = |at| versions.iter().find(move |version| version.holds_at(at));
        let was = held(older.taken_at).map(|version| &version.member);
        let is = held(newer.taken_at).map(|version| &version.member);
        let what = match (was, is) {
            // Whoever was there already and was not known had their data deleted.
            (None, Some(is)) if is.joined_at.is_some_and(|at| at < older.begun_at) => None,
            (None, Some(_)) => Some(What::Joined),
            (Some(_), None) => Some(What::Left),
            (Some(was), Some(is)) => changed(was, is),
            (None, None) => None,
        }?;
        let member = is.or(was)?;
        Some(Self {
            user: member.user,
            name: member.shown_name().to_owned(),
            what,
        })
    }
}

fn changed(was: &Member, is: &Member) -> Option<What> {
    let lacks = |all: &[RoleId], of: &Member| {
        let others = all.iter().filter(|role| !of.roles.contains(role));
        others.copied().collect::<Vec<_>>()
    };
    let (given, taken) = (lacks(&is.roles, was), lacks(&was.roles, is));
    let is_called_otherwise = (&was.name, &was.display_name) != (&is.name, &is.display_name);
    let called = is_called_otherwise.then(|| match was.shown_name() == is.shown_name() {
        true => was.name.clone(),
        false => was.shown_name().to_owned(),
    });
    let is_back = was.joined_at != is.joined_at;
    let is_same = called.is_none() && given.is_empty() && taken.is_empty() && !is_back;
    (!is_same).then_some(What::Changed {
        called,
        given,
        taken,
        is_back,
    })
}

/// A line of a list.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.what {
            What::Joined => "➕",
            What::Left => "➖",
            What::Changed { .. } => "✏️",
        };
        write!(f, "{sign} <@{}> {}", self.user, plain(&self.name))?;
        let What::Changed {
            called,
            given,
            taken,
            is_back,
        } = &self.what
        else {
            return Ok(());
        };
        let called = called.iter().map(|name| format!("was {}", plain(name)));
        let given = given.iter().map(|role| format!("+<@&{role}>"));
        let taken = taken.iter().map(|role| format!("−<@&{role}>"));
        let back = is_back.then(|| "left and joined again".to_owned());
        let parts: Vec<_> = called.chain(given).chain(taken).chain(back).collect();
        write!(f, ": {}", parts.join(", "))
    }
}

/// A name as it is, whatever it would mean in a message.
pub(super) fn plain(name: &str) -> String {
    format!("`{}`", name.replace('`', "ˋ"))
}

#[cfg(test)]
mod tests {
    use cogsmith::prelude::*;

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(hour * 3_600, 0).unwrap()
    }

    fn member(name: &str, roles: &[u64], joined: i64) -> Member {
        Member {
            user: UserId::new(7),
            name: "ann".to_owned(),
            display_name: Some(name.to_owned()),
            is_bot: false,
            joined_at: Some(at(joined)),
            roles: roles.iter().copied().map(RoleId::new).collect(),
        }
    }

    /// The line about a member between a snapshot from hour 9 to 10 and one from 19 to 20.
    #[track_caller]
    fn check(versions: &[Version], expected: Option<&str>) {
        let snapshot = |begun, taken| Snapshot {
            begun_at: at(begun),
            taken_at: at(taken),
        };
        let change = Change::between(versions, &snapshot(9, 10), &snapshot(19, 20));
        let line = change.map(|change| change.to_string());
        assert_eq!(line.as_deref(), expected);
    }

    #[test]
    fn each_change_is_a_line() {
        let was = |name, roles: &[u64]| Version::begun(member(name, roles, 1), at(2)).ended(at(15));
        let is = |name, roles: &[u64]| Version::begun(member(name, roles, 1), at(15));
        check(
            &[Version::begun(member("Ann", &[], 15), at(20))],
            Some("➕ <@7> `Ann`"),
        );
        check(&[was("Ann", &[])], Some("➖ <@7> `Ann`"));
        check(
            &[was("Ann", &[1, 2]), is("A`n", &[2, 3])],
            Some("✏️ <@7> `Aˋn`: was `Ann`, +<@&3>, −<@&1>"),
        );
        let back = Version::begun(member("Ann", &[], 16), at(16));
        check(
            &[was("Ann", &[]), back],
            Some("✏️ <@7> `Ann`: left and joined again"),
        );
    }

    #[test]
    fn what_is_as_it_was_is_no_change() {
        let first = Version::begun(member("Ann", &[], 1), at(2)).ended(at(12));
        let between = Version::begun(member("Annie", &[], 1), at(12)).ended(at(14));
        let last = Version::begun(member("Ann", &[], 1), at(14));
        check(&[first, between, last], None);
        let passing = Version::begun(member("Ann", &[], 12), at(12)).ended(at(14));
        check(&[passing], None);
        let deleted_meanwhile = Version::begun(member("Ann", &[], 1), at(15));
        check(&[deleted_meanwhile], None);
    }
}
