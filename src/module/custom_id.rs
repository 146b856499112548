//! The id of a button, menu or form: a pattern such as `page:{n}`, with typed arguments.

use std::{fmt::Display, marker::PhantomData, str::FromStr};

/// The longest id that Discord takes, in code points. See Discord docs/Components/Custom ID.
pub(crate) const LONGEST: usize = 100;

/// A pattern of ids: parts between colons, each a word or, in braces, an argument. It builds ids and reads them.
///
/// A handler is registered for one (see [`Setup::component`](super::Setup::component)), and what it carries is all that
/// its handler needs: it works after a restart, and for as long as the message stands.
///
/// ```
/// use cogsmith::prelude::*;
///
/// const PAGE: CustomId<u32> = CustomId::new("page:{n}");
/// const MOVE: CustomId<(u8, String)> = CustomId::new("chess:{game}:move:{square}");
///
/// assert_eq!(PAGE.with(3), "page:3");
/// assert_eq!(MOVE.with((7, "e4".to_owned())), "chess:7:move:e4");
/// ```
///
/// A pattern with another number of arguments is refused by the compiler:
///
/// ```compile_fail
/// # use cogsmith::prelude::*;
/// const PAGE: CustomId<u32> = CustomId::new("page:{n}:{m}");
/// ```
pub struct CustomId<A> {
    pattern: &'static str,
    arguments: PhantomData<fn() -> A>,
}

/// What stands for one argument in an id. Implemented for numbers, `bool`, texts and Discord's ids; for a type of one's
/// own that has `Display` and `FromStr`, `impl IdPart for Color {}` is enough.
pub trait IdPart: Display + FromStr + Send + Sync + 'static {
    /// The most code points that it takes, where that is known.
    const LONGEST: Option<usize> = None;
}

/// The arguments of an id: `()` for none, a part for one, a tuple for several.
pub trait IdArguments: Send + Sync + Sized + 'static {
    /// How many there are.
    const COUNT: usize;
    /// The most code points that all take, where that is known.
    const LONGEST: Option<usize>;

    /// Each as it stands in an id.
    fn shown(self) -> Vec<String>;

    /// Reads them; `None` when one is not of its type.
    fn read(parts: &[String]) -> Option<Self>;
}

impl<A: IdArguments> CustomId<A> {
    /// A pattern.
    ///
    /// # Panics
    /// It has another number of arguments than `A`, which is an error of the compiler in a `const`.
    pub const fn new(pattern: &'static str) -> Self {
        assert!(
            arguments_of(pattern) == A::COUNT,
            "a pattern has as many arguments in braces as its type"
        );
        Self {
            pattern,
            arguments: PhantomData,
        }
    }

    /// The id with these arguments.
    ///
    /// # Panics
    /// It has more than 100 code points, which can only be where an argument is a text of any length: other patterns
    /// are measured at the start.
    pub fn with(&self, arguments: A) -> String {
        let mut shown = arguments.shown().into_iter().map(|text| escaped(&text));
        let parts = self.pattern.split(':').map(|part| match is_argument(part) {
            true => shown.next().unwrap_or_default(),
            false => part.to_owned(),
        });
        let id = parts.collect::<Vec<_>>().join(":");
        let length = id.chars().count();
        assert!(
            length <= LONGEST,
            "an id of {:?} has {length} code points, and Discord takes {LONGEST}",
            self.pattern
        );
        id
    }

    /// The pattern.
    pub fn pattern(&self) -> &'static str {
        self.pattern
    }

    /// The most code points an id of it has, where that is known.
    pub(super) fn longest(&self) -> Option<usize> {
        let parts = self.pattern.split(':');
        let words = parts.filter(|part| !is_argument(part));
        let words: usize = words.map(|word| word.chars().count()).sum();
        Some(words + self.pattern.matches(':').count() + A::LONGEST?)
    }
}

impl<A> Clone for CustomId<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for CustomId<A> {}

impl<A: IdArguments> From<&'static str> for CustomId<A> {
    fn from(pattern: &'static str) -> Self {
        Self::new(pattern)
    }
}

/// What stands for the arguments in `id`, when it is one of `pattern`.
pub(crate) fn parts(pattern: &str, id: &str) -> Option<Vec<String>> {
    if pattern.split(':').count() != id.split(':').count() {
        return None;
    }
    let mut found = Vec::new();
    for (part, given) in pattern.split(':').zip(id.split(':')) {
        if is_argument(part) {
            found.push(unescaped(given));
        } else if part != given {
            return None;
        }
    }
    Some(found)
}

/// What is wrong with a pattern, but for its arguments.
pub(super) fn fault(pattern: &str, longest: Option<usize>) -> Option<String> {
    let parts = || pattern.split(':');
    if parts().any(|part| part.is_empty() || !is_argument(part) && part.contains(['{', '}', '%'])) {
        return Some("each part between colons is a word, or one argument in braces".to_owned());
    }
    if parts().all(is_argument) {
        return Some("one part is a word, by which it is known".to_owned());
    }
    let longest = longest.unwrap_or_else(|| pattern.chars().count());
    (longest > LONGEST)
        .then(|| format!("its ids have up to {longest} code points, and Discord takes {LONGEST}"))
}

/// Whether some id is one of both patterns.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    let mut pairs = one.split(':').zip(other.split(':'));
    one.split(':').count() == other.split(':').count()
        && pairs.all(|(one, other)| one == other || is_argument(one) || is_argument(other))
}

fn is_argument(part: &str) -> bool {
    part.starts_with('{') && part.ends_with('}')
}

const fn arguments_of(pattern: &str) -> usize {
    let bytes = pattern.as_bytes();
    let (mut at, mut count) = (0, 0);
    while at < bytes.len() {
        if bytes[at] == b'{' {
            count += 1;
        }
        at += 1;
    }
    count
}

/// Without colons, which part an id.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace(':', "%3A")
}

fn unescaped(text: &str) -> String {
    text.replace("%3A", ":").replace("%25", "%")
}

impl IdArguments for () {
    const COUNT: usize = 0;
    const LONGEST: Option<usize> = Some(0);

    fn shown(self) -> Vec<String> {
        Vec::new()
    }

    fn read(_parts: &[String]) -> Option<Self> {
        Some(())
    }
}

impl<T: IdPart> IdArguments for T {
    const COUNT: usize = 1;
    const LONGEST: Option<usize> = T::LONGEST;

    fn shown(self) -> Vec<String> {
        vec![self.to_string()]
    }

    fn read(parts: &[String]) -> Option<Self> {
        parts.first()?.parse().ok()
    }
}

const fn sum(lengths: &[Option<usize>]) -> Option<usize> {
    let (mut at, mut sum) = (0, 0);
    while at < lengths.len() {
        match lengths[at] {
            Some(length) => sum += length,
            None => return None,
        }
        at += 1;
    }
    Some(sum)
}

macro_rules! tuples {
    ($($count:literal: $($part:ident $at:tt),*;)*) => {$(
        impl<$($part: IdPart),*> IdArguments for ($($part,)*) {
            const COUNT: usize = $count;
            const LONGEST: Option<usize> = sum(&[$($part::LONGEST),*]);

            fn shown(self) -> Vec<String> {
                vec![$(self.$at.to_string()),*]
            }

            fn read(parts: &[String]) -> Option<Self> {
                Some(($(parts.get($at)?.parse::<$part>().ok()?,)*))
            }
        }
    )*};
}

tuples! {
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
}

macro_rules! parts {
    ($($part:ty: $longest:expr;)*) => {$(
        impl IdPart for $part {
            const LONGEST: Option<usize> = $longest;
        }
    )*};
}

parts! {
    u8: Some(3); u16: Some(5); u32: Some(10); u64: Some(20); usize: Some(20);
    i8: Some(4); i16: Some(6); i32: Some(11); i64: Some(20); isize: Some(20);
    bool: Some(5); char: None; String: None;
    serenity::model::id::UserId: Some(20);
    serenity::model::id::GuildId: Some(20);
    serenity::model::id::ChannelId: Some(20);
    serenity::model::id::MessageId: Some(20);
    serenity::model::id::RoleId: Some(20);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_is_read_again_whatever_the_text() {
        const NOTE: CustomId<(u64, String)> = CustomId::new("note:{id}:{tag}");
        for tag in ["plain", "a:b", "100 %", "%3A", "", "🎉"] {
            let id = NOTE.with((7, tag.to_owned()));
            let read = parts(NOTE.pattern(), &id).and_then(|parts| <(u64, String)>::read(&parts));
            assert_eq!(read, Some((7, tag.to_owned())), "{id}");
        }
    }

    #[test]
    fn only_ids_of_the_pattern_are_read() {
        for (id, expected) in [
            ("page:3", true),
            ("page:", true),
            ("page", false),
            ("page:3:4", false),
            ("pages:3", false),
        ] {
            assert_eq!(parts("page:{n}", id).is_some(), expected, "{id}");
        }
        assert_eq!(u32::read(&["x".to_owned()]), None);
    }

    #[test]
    fn patterns_that_cannot_work_are_named() {
        for (pattern, longest, fine) in [
            ("page:{n}", Some(15), true),
            ("close", Some(5), true),
            ("{n}", Some(10), false),
            ("page:", Some(5), false),
            ("pa{n}ge", Some(5), false),
            ("page:{n}", Some(101), false),
        ] {
            assert_eq!(fault(pattern, longest).is_none(), fine, "{pattern}");
        }
    }

    #[test]
    fn patterns_overlap_when_an_id_is_of_both() {
        for (one, other, expected) in [
            ("page:{n}", "page:{m}", true),
            ("page:{n}", "page:last", true),
            ("page:{n}", "{kind}:3", true),
            ("page:{n}", "post:{n}", false),
            ("page:{n}", "page:{n}:{m}", false),
        ] {
            assert_eq!(overlap(one, other), expected, "{one} {other}");
        }
    }
}
