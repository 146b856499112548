//! Who stands where in a guild, in memory: a place and any page of a board without a query.
//!
//! Members stand in order of XP, then of who reached it first, then of their ids. That order is kept in blocks of at
//! most 512: a change moves a member from one block to another, and a place is the lengths of the blocks before, and a
//! search within one. A member takes about 50 bytes.

use std::{cmp::Ordering, hash::BuildHasher};

use hashbrown::{DefaultHashBuilder, HashTable};
use serenity::model::id::UserId;

use super::ledger::Gain;

/// Members of a block at most.
const BLOCK: usize = 512;

/// The highest XP and count of messages that the database holds.
const MOST: u64 = i64::MAX.cast_unsigned();

/// What is written of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Score {
    pub(super) user: UserId,
    pub(super) xp: u64,
    pub(super) messages: u64,
    /// UTC milliseconds of the newest message that earned XP.
    pub(super) awarded_at: i64,
}

/// A score and its place: members with the same XP share one, and as many have more XP as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ranked {
    /// From 1 up.
    pub(super) place: usize,
    pub(super) score: Score,
}

/// The scores of a guild, in order.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    /// In no order: the numbers in blocks and in `by_user` are places in here.
    scores: Vec<Score>,
    by_user: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// In order, none of them empty.
    blocks: Vec<Vec<u32>>,
}

impl Score {
    fn of(user: UserId) -> Self {
        Self {
            user,
            xp: 0,
            messages: 0,
            awarded_at: 0,
        }
    }

    /// As the database adds a gain to a row.
    fn with(self, gain: Gain) -> Self {
        Self {
            xp: self.xp.saturating_add(gain.xp).min(MOST),
            messages: self.messages.saturating_add(gain.messages).min(MOST),
            awarded_at: self.awarded_at.max(gain.awarded_at),
            ..self
        }
    }

    /// The order of a board.
    fn order(&self, other: &Self) -> Ordering {
        let by_xp = other.xp.cmp(&self.xp);
        let by_time = || self.awarded_at.cmp(&other.awarded_at);
        by_xp.then_with(by_time).then(self.user.cmp(&other.user))
    }
}

impl Ranking {
    /// Of scores in any order, one for each user.
    pub(super) fn new(mut scores: Vec<Score>) -> Self {
        scores.sort_unstable_by(Score::order);
        scores.shrink_to_fit();
        let numbers: Vec<_> = (0..number(scores.len())).collect();
        // With room, so that the first changes split none.
        let blocks = numbers.chunks(BLOCK / 4 * 3).map(<[u32]>::to_vec);
        let mut ranking = Self {
            by_user: HashTable::with_capacity(scores.len()),
            blocks: blocks.collect(),
            hasher: DefaultHashBuilder::default(),
            scores,
        };
        numbers.into_iter().for_each(|number| ranking.index(number));
        ranking
    }

    /// Bytes that it takes.
    pub(super) fn size(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(Vec::capacity).sum();
        self.scores.capacity() * size_of::<Score>()
            + self.by_user.allocation_size()
            + blocks * size_of::<u32>()
            + self.blocks.capacity() * size_of::<Vec<u32>>()
    }

    /// Adds what a member has earned.
    pub(super) fn add(&mut self, user: UserId, gain: Gain) {
        match self.find(user) {
            Some(number) => {
                self.take_out(number);
                let score = &mut self.scores[number as usize];
                *score = score.with(gain);
                self.put_in(number);
            }
            None => self.insert(Score::of(user).with(gain)),
        }
    }

    fn insert(&mut self, score: Score) {
        let number = number(self.scores.len());
        if self.scores.len() == self.scores.capacity() {
            // Doubling would leave half of a large guild's memory unused.
            self.scores.reserve_exact(self.scores.len() / 8 + 8);
        }
        self.scores.push(score);
        self.index(number);
        self.put_in(number);
    }

    /// Forgets a member.
    pub(super) fn remove(&mut self, user: UserId) {
        let Some(number) = self.find(user) else {
            return;
        };
        self.take_out(number);
        let hash = self.hasher.hash_one(user);
        if let Ok(entry) = self.by_user.find_entry(hash, |it| *it == number) {
            entry.remove();
        }
        self.move_last_to(number);
        self.scores.pop();
        if self.scores.len() < self.scores.capacity() / 4 * 3 {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        self.scores.shrink_to_fit();
        let hash = |number: &u32| self.hasher.hash_one(self.scores[*number as usize].user);
        self.by_user.shrink_to_fit(hash);
        self.blocks.iter_mut().for_each(Vec::shrink_to_fit);
        self.blocks.shrink_to_fit();
    }

    /// Fills the place of a score that goes.
    fn move_last_to(&mut self, number: u32) {
        let last = self::number(self.scores.len() - 1);
        if number == last {
            return;
        }
        let moved = self.scores[last as usize];
        let (block, at) = self.locate(&moved);
        self.blocks[block][at] = number;
        let hash = self.hasher.hash_one(moved.user);
        if let Some(entry) = self.by_user.find_mut(hash, |it| *it == last) {
            *entry = number;
        }
        self.scores.swap(number as usize, last as usize);
    }

    /// A member with what is written and what is not written yet, and the place that makes among what is written
    /// of the others; `None` for one without XP.
    pub(super) fn of(&self, user: UserId, unwritten: Gain) -> Option<Ranked> {
        let written = self.find(user).map(|number| self.scores[number as usize]);
        let score = written.unwrap_or(Score::of(user)).with(unwritten);
        let place = self.ahead_of(score.xp) + 1;
        (score.xp > 0).then_some(Ranked { place, score })
    }

    /// How many have more XP.
    fn ahead_of(&self, xp: u64) -> usize {
        let is_ahead = |number: &u32| self.scores[*number as usize].xp > xp;
        let blocks = self.blocks.partition_point(|block| is_ahead(&block[0]));
        let Some(last) = blocks.checked_sub(1) else {
            return 0;
        };
        let before: usize = self.blocks[..last].iter().map(Vec::len).sum();
        before + self.blocks[last].partition_point(is_ahead)
    }

    /// Those with XP, in the order of the board.
    pub(super) fn board(&self) -> impl Iterator<Item = Ranked> {
        let scores = self.blocks.iter().flatten();
        let scores = scores.map(|number| self.scores[*number as usize]);
        let mut above = None;
        let ranked = (1..).zip(scores).map(move |(row, score)| {
            let place = match above {
                Some(Ranked {
                    place,
                    score: Score { xp, .. },
                }) if xp == score.xp => place,
                _ => row,
            };
            let ranked = Ranked { place, score };
            above = Some(ranked);
            ranked
        });
        ranked.take_while(|ranked| ranked.score.xp > 0)
    }

    fn find(&self, user: UserId) -> Option<u32> {
        let is_user = |number: &u32| self.scores[*number as usize].user == user;
        let hash = self.hasher.hash_one(user);
        self.by_user.find(hash, is_user).copied()
    }

    fn index(&mut self, number: u32) {
        let hash = |number: &u32| self.hasher.hash_one(self.scores[*number as usize].user);
        self.by_user.insert_unique(hash(&number), number, hash);
    }

    /// The block, and the place in it, where a score is or belongs.
    fn locate(&self, score: &Score) -> (usize, usize) {
        let order = |number: &u32| self.scores[*number as usize].order(score);
        let block = self
            .blocks
            .partition_point(|block| order(&block[0]).is_le());
        let block = block.saturating_sub(1);
        let at = self.blocks.get(block);
        let at = at.map_or(0, |block| block.partition_point(|it| order(it).is_lt()));
        (block, at)
    }

    fn put_in(&mut self, number: u32) {
        let (block, at) = self.locate(&self.scores[number as usize]);
        let Some(there) = self.blocks.get_mut(block) else {
            return self.blocks.push(vec![number]);
        };
        there.insert(at, number);
        if there.len() > BLOCK {
            let second = there.split_off(BLOCK / 2);
            there.shrink_to_fit();
            self.blocks.insert(block + 1, second);
        }
    }

    /// A block that has become small is joined with the next, so that there are never many.
    fn take_out(&mut self, number: u32) {
        let (block, at) = self.locate(&self.scores[number as usize]);
        self.blocks[block].remove(at);
        let left = self.blocks[block].len();
        let next = self.blocks.get(block + 1).map_or(BLOCK, Vec::len);
        if left == 0 {
            self.blocks.remove(block);
        } else if left < BLOCK / 4 && next < BLOCK / 2 {
            let next = self.blocks.remove(block + 1);
            self.blocks[block].extend(next);
        }
    }
}

/// Discord's guilds have 25 million members at the most.
fn number(count: usize) -> u32 {
    u32::try_from(count).expect("fewer scores than 2^32")
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use rand::RngExt;

    use super::*;

    impl Ranking {
        /// Takes so much memory.
        pub(in super::super) fn reserve(&mut self, bytes: usize) {
            self.scores.reserve_exact(bytes / size_of::<Score>());
        }
    }

    fn user(id: u64) -> UserId {
        UserId::new(id + 1)
    }

    fn gain(xp: u64, awarded_at: i64) -> Gain {
        Gain {
            xp,
            messages: 1,
            awarded_at,
        }
    }

    fn check(ranking: &Ranking, expected: &BTreeMap<UserId, Score>) {
        let mut scores: Vec<_> = expected.values().copied().collect();
        scores.sort_by(Score::order);
        let place = |xp| 1 + scores.iter().filter(|it| it.xp > xp).count();
        let board = scores.iter().filter(|score| score.xp > 0);
        let board = board.map(|score| Ranked {
            place: place(score.xp),
            score: *score,
        });
        let board: Vec<_> = board.collect();
        assert_eq!(ranking.board().collect::<Vec<_>>(), board);
        for ranked in board {
            assert_eq!(ranking.of(ranked.score.user, Gain::default()), Some(ranked));
        }
    }

    #[test]
    fn it_is_what_sorting_would_make_of_any_gains_and_removals() {
        let mut chance = rand::rng();
        for most in [1, 3, 40, 4_000] {
            let scores = (0..1_500).map(|id| Score {
                xp: chance.random_range(0..most),
                awarded_at: chance.random_range(0..5),
                ..Score::of(user(id))
            });
            let scores: Vec<_> = scores.collect();
            let mut expected: BTreeMap<_, _> = scores.iter().map(|it| (it.user, *it)).collect();
            let mut ranking = Ranking::new(scores);
            for step in 0..6_000 {
                let user = user(chance.random_range(0..2_000));
                if chance.random_range(0..3) == 0 {
                    ranking.remove(user);
                    expected.remove(&user);
                } else {
                    let gain = gain(chance.random_range(0..most), chance.random_range(0..9));
                    ranking.add(user, gain);
                    let score = expected.entry(user).or_insert(Score::of(user));
                    *score = score.with(gain);
                }
                if step % 1_000 == 0 {
                    check(&ranking, &expected);
                }
            }
            check(&ranking, &expected);
            for id in 0..2_000 {
                ranking.remove(user(id));
            }
            check(&ranking, &BTreeMap::new());
        }
    }

    #[test]
    fn what_is_not_written_yet_counts_for_the_member_alone() {
        let mut ranking = Ranking::default();
        ranking.add(user(1), gain(20, 1));
        ranking.add(user(2), gain(10, 2));
        let place = |id, xp| ranking.of(user(id), gain(xp, 3)).map(|it| it.place);
        assert_eq!(
            [(2, 0), (2, 10), (2, 11), (1, 5), (3, 0), (3, 30)].map(|(id, xp)| place(id, xp)),
            [Some(2), Some(1), Some(1), Some(1), None, Some(1)]
        );
    }

    #[test]
    fn a_hundred_thousand_members_take_64_bytes_each_at_most() {
        let members = 100_000;
        let score = |id| Score {
            xp: id * 7_919 % 50_000,
            ..Score::of(user(id))
        };
        let mut ranking = Ranking::new((0..members).map(score).collect());
        let each = |ranking: &Ranking| ranking.size() / ranking.scores.len();
        assert!(each(&ranking) <= 64, "{}", each(&ranking));
        for id in 0..2 * members {
            ranking.add(user(id), gain(id % 300, 1));
        }
        assert!(each(&ranking) <= 64, "{}", each(&ranking));
        for id in 1_000..2 * members {
            ranking.remove(user(id));
        }
        assert!(each(&ranking) <= 64, "{}", each(&ranking));
    }
}
