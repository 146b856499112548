//! What is kept of members beside what Discord says of them: which versions end, and which begin.

use std::collections::BTreeMap;

use cogsmith::prelude::*;
use serenity::model::id::UserId;

use super::{member::Member, version::Version};

/// Part of a server's members as Discord has told them; each member of that part of whom something is kept is met
/// once.
pub(super) struct Merge {
    told: BTreeMap<UserId, Member>,
    asked_at: DateTime<Utc>,
    now: DateTime<Utc>,
    merged: Merged,
}

/// What is to be written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Merged {
    pub(super) ended: Vec<Version>,
    pub(super) begun: Vec<Version>,
}

impl Merged {
    pub(super) fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.begun.is_empty()
    }
}

impl Merge {
    /// What was noted at `asked_at` or later is newer than what was told.
    pub(super) fn new(told: Vec<Member>, asked_at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let told = told.into_iter().map(|member| (member.user, member));
        Self {
            told: told.collect(),
            asked_at,
            now,
            merged: Merged::default(),
        }
    }

    /// Meets what is kept of one member.
    pub(super) fn meet(&mut self, kept: Vec<Version>) {
        let Some(user) = kept.first().map(|version| version.member.user) else {
            return;
        };
        let told = self.told.remove(&user);
        let is_newer = |version: &Version| version.has_changed_since(self.asked_at);
        if kept.iter().any(is_newer) {
            return;
        }
        let holding = kept.into_iter().find(|version| version.until.is_none());
        let is_same = |version: &Version| Some(&version.member) == told.as_ref();
        if holding.as_ref().is_some_and(is_same) {
            return;
        }
        // A clock that was set back must not end something before it began.
        let now = holding
            .as_ref()
            .map_or(self.now, |it| it.from.max(self.now));
        let ended = holding.map(|version| version.ended(now));
        self.merged.ended.extend(ended);
        let begun = told.map(|member| Version::begun(member, now));
        self.merged.begun.extend(begun);
    }

    /// Whoever was told and not met is new.
    pub(super) fn finish(mut self) -> Merged {
        let begun = self.told.into_values();
        let begun = begun.map(|member| Version::begun(member, self.now));
        self.merged.begun.extend(begun);
        self.merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    fn member(id: u64, name: &str) -> Member {
        Member {
            user: UserId::new(id),
            name: name.to_owned(),
            display_name: None,
            is_bot: false,
            joined_at: None,
            roles: Vec::new(),
        }
    }

    fn begun(id: u64, name: &str, minute: i64) -> Version {
        Version::begun(member(id, name), at(minute))
    }

    /// Of what was asked for at minute 10 and is written at minute 11.
    #[track_caller]
    fn check(told: &[Member], kept: &[&[Version]], ended: &[Version], begun: &[Version]) {
        let mut merge = Merge::new(told.to_vec(), at(10), at(11));
        kept.iter()
            .for_each(|versions| merge.meet(versions.to_vec()));
        let (ended, begun) = (ended.to_vec(), begun.to_vec());
        assert_eq!(merge.finish(), Merged { ended, begun });
    }

    #[test]
    fn who_is_new_changed_or_gone_is_written_and_who_is_the_same_is_not() {
        let told = [member(1, "ann"), member(2, "benny"), member(4, "dan")];
        let kept = [begun(1, "ann", 5), begun(2, "ben", 5), begun(3, "cat", 5)];
        let [ann, ben, cat] = kept.clone().map(|version| vec![version]);
        let [_, ended_ben, ended_cat] = kept.map(|version| version.ended(at(11)));
        check(
            &told,
            &[&ann, &ben, &cat],
            &[ended_ben, ended_cat],
            &[begun(2, "benny", 11), begun(4, "dan", 11)],
        );
    }

    #[test]
    fn what_was_noted_after_the_question_is_newer_than_the_answer() {
        let told = [member(1, "ann"), member(2, "ben")];
        let renamed = begun(1, "annie", 10);
        let gone = begun(2, "ben", 5).ended(at(10));
        let joined = begun(3, "cat", 11);
        check(&told, &[&[renamed], &[gone], &[joined]], &[], &[]);
    }

    #[test]
    fn whoever_left_before_the_question_is_back() {
        let gone = begun(1, "ann", 5).ended(at(9));
        check(&[member(1, "ann")], &[&[gone]], &[], &[begun(1, "ann", 11)]);
    }

    #[test]
    fn nothing_ends_before_it_began_when_the_clock_was_set_back() {
        let kept = begun(1, "ann", 60);
        let mut merge = Merge::new(Vec::new(), DateTime::<Utc>::MAX_UTC, at(11));
        merge.meet(vec![kept.clone()]);
        assert_eq!(merge.finish().ended, [kept.ended(at(60))]);
    }
}
