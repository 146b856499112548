//! The rankings of the guilds that were asked for. Each is read from the database once, and follows every write.

use std::collections::HashMap;

use serenity::model::id::{GuildId, UserId};

use super::{
    ledger::{Gain, Member},
    ranking::Ranking,
};

/// Bytes of all rankings at most; those of guilds that were not asked for the longest time go first.
const MOST: usize = 256 << 20;

/// Every ranking that is in memory.
#[derive(Debug, Default)]
pub(super) struct Rankings {
    guilds: HashMap<GuildId, Tracked>,
    /// How often any was asked.
    asked: u64,
}

#[derive(Debug)]
struct Tracked {
    state: State,
    /// When it was last asked, by `Rankings::asked`.
    asked: u64,
}

#[derive(Debug)]
enum State {
    /// It is being read; with what was written since.
    Loading(Vec<(UserId, Gain)>),
    Ready(Ranking),
}

impl Rankings {
    /// The ranking of a guild, if it is there.
    pub(super) fn get(&mut self, guild: GuildId) -> Option<&Ranking> {
        self.asked += 1;
        let tracked = self.guilds.get_mut(&guild)?;
        tracked.asked = self.asked;
        match &tracked.state {
            State::Ready(ranking) => Some(ranking),
            State::Loading(_) => None,
        }
    }

    /// From now on what is written of a guild is kept for the ranking that is being read, which begins now, while
    /// nothing is being written.
    pub(super) fn begin(&mut self, guild: GuildId) {
        let state = State::Loading(Vec::new());
        let asked = self.asked;
        self.guilds.insert(guild, Tracked { state, asked });
    }

    /// Takes the ranking that was read, unless it was abandoned meanwhile.
    pub(super) fn finish(&mut self, guild: GuildId, mut ranking: Ranking) {
        let Some(tracked) = self.guilds.get_mut(&guild) else {
            return;
        };
        if let State::Loading(written) = &tracked.state {
            for (user, gain) in written {
                ranking.add(*user, *gain);
            }
            tracked.state = State::Ready(ranking);
            self.make_room(guild);
        }
    }

    /// Forgets a guild: its ranking is read again when it is asked for.
    pub(super) fn abandon(&mut self, guild: GuildId) {
        self.guilds.remove(&guild);
    }

    /// What has been written.
    pub(super) fn written(&mut self, gains: &HashMap<Member, Gain>) {
        for ((guild, user), gain) in gains {
            match self.guilds.get_mut(guild).map(|it| &mut it.state) {
                Some(State::Ready(ranking)) => ranking.add(*user, *gain),
                Some(State::Loading(written)) => written.push((*user, *gain)),
                None => {}
            }
        }
    }

    /// Somebody is deleted from every guild. One that is being read may have read them, and is read again.
    pub(super) fn remove(&mut self, user: UserId) {
        self.guilds
            .retain(|_, it| matches!(it.state, State::Ready(_)));
        for tracked in self.guilds.values_mut() {
            if let State::Ready(ranking) = &mut tracked.state {
                ranking.remove(user);
            }
        }
    }

    /// Drops others until all fit.
    fn make_room(&mut self, kept: GuildId) {
        let size = |tracked: &Tracked| match &tracked.state {
            State::Ready(ranking) => ranking.size(),
            State::Loading(_) => 0,
        };
        let mut total: usize = self.guilds.values().map(size).sum();
        while total > MOST {
            let others = self.guilds.iter();
            let others = others.filter(|(guild, it)| **guild != kept && size(it) > 0);
            let Some((guild, oldest)) = others.min_by_key(|(_, it)| it.asked) else {
                return;
            };
            total -= size(oldest);
            let guild = *guild;
            self.abandon(guild);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUILD: GuildId = GuildId::new(1);
    const ANN: UserId = UserId::new(2);

    fn gained(xp: u64) -> HashMap<Member, Gain> {
        let gain = Gain {
            xp,
            messages: 1,
            awarded_at: 1,
        };
        HashMap::from([((GUILD, ANN), gain)])
    }

    fn xp(rankings: &mut Rankings) -> Option<u64> {
        let ranked = rankings.get(GUILD)?.of(ANN, Gain::default());
        Some(ranked.map_or(0, |it| it.score.xp))
    }

    #[test]
    fn what_is_written_while_it_is_read_counts_once() {
        let mut rankings = Rankings::default();
        rankings.written(&gained(1));
        rankings.begin(GUILD);
        rankings.written(&gained(20));
        assert_eq!(xp(&mut rankings), None);
        let mut read = Ranking::default();
        read.add(ANN, gained(1)[&(GUILD, ANN)]);
        rankings.finish(GUILD, read);
        rankings.written(&gained(300));
        assert_eq!(xp(&mut rankings), Some(321));
    }

    #[test]
    fn who_is_deleted_while_it_is_read_does_not_come_back() {
        let mut rankings = Rankings::default();
        rankings.begin(GUILD);
        rankings.remove(ANN);
        let mut read = Ranking::default();
        read.add(ANN, gained(1)[&(GUILD, ANN)]);
        rankings.finish(GUILD, read);
        assert_eq!(xp(&mut rankings), None);
        rankings.begin(GUILD);
        rankings.finish(GUILD, Ranking::default());
        rankings.written(&gained(5));
        rankings.remove(ANN);
        assert_eq!(xp(&mut rankings), Some(0));
    }

    #[test]
    fn guilds_that_are_not_asked_for_make_room() {
        let mut rankings = Rankings::default();
        let large = |guild: u64| {
            let mut ranking = Ranking::default();
            ranking.reserve(MOST / 3);
            (GuildId::new(guild), ranking)
        };
        for guild in 1..=4 {
            let (guild, ranking) = large(guild);
            rankings.begin(guild);
            rankings.finish(guild, ranking);
            rankings.get(GUILD);
        }
        let there = |rankings: &mut Rankings, guild| rankings.get(GuildId::new(guild)).is_some();
        assert!(there(&mut rankings, 1) && !there(&mut rankings, 2));
        assert!(there(&mut rankings, 4));
    }
}
