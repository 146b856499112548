//! What a session is called here: Discord's id, and a number where a new session has the id of the one before it.
//!
//! Marks and positions of one session mean nothing in another, so no two sessions of a shard have the same name.

use std::sync::Arc;

/// Between the id and the number; ids are hexadecimal.
const AGAIN: char = '~';

/// The name of a session that begins after the one named `current`.
pub(super) fn after(current: &str, id: &str) -> Arc<str> {
    if id_of(current) != id {
        return id.into();
    }
    let (_, number) = current.rsplit_once(AGAIN).unwrap_or((id, "1"));
    let number = number.parse().unwrap_or(1_u64);
    format!("{id}{AGAIN}{}", number.saturating_add(1)).into()
}

/// What Discord calls the session.
pub(super) fn id_of(name: &str) -> &str {
    name.rsplit_once(AGAIN).map_or(name, |(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_session_never_has_the_name_of_the_one_before_it() {
        fn check(current: &str, id: &str, expected: &str) {
            let name = after(current, id);
            assert_eq!((&*name, id_of(&name)), (expected, id), "after {current:?}");
        }
        check("", "a1", "a1");
        check("b2", "a1", "a1");
        check("a1", "a1", "a1~2");
        check("a1~2", "a1", "a1~3");
        check("a1~3", "b2", "b2");
    }
}
