//! Whether what is written has colour: by the conventions that programs for terminals share, which are no settings of
//! Cogsmith's and read from the environment alone.
//!
//! See <https://no-color.org> and <https://bixense.com/clicolors/>.

use std::{env, ffi::OsStr, io::IsTerminal};

/// Whether text that goes to `stream` is to be coloured: yes on a terminal and no elsewhere, unless `NO_COLOR` forbids
/// it, `CLICOLOR_FORCE` demands it, or `CLICOLOR=0` declines it; the first of these that is set decides.
#[must_use]
pub fn is_coloured(stream: &impl IsTerminal) -> bool {
    let given = |name| env::var_os(name).filter(|value| !value.is_empty());
    let switch = |name| given(name).map(|value| value != OsStr::new("0"));
    decide(
        given("NO_COLOR").is_some(),
        switch("CLICOLOR_FORCE"),
        switch("CLICOLOR"),
        stream.is_terminal(),
    )
}

fn decide(
    is_forbidden: bool,
    forced: Option<bool>,
    wanted: Option<bool>,
    is_terminal: bool,
) -> bool {
    match (is_forbidden, forced, wanted) {
        (true, ..) => false,
        (_, Some(true), _) => true,
        (_, _, Some(false)) => false,
        _ => is_terminal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_is_set_decides_and_else_the_terminal() {
        let switches = [None, Some(false), Some(true)];
        for is_terminal in [false, true] {
            for forced in switches {
                for wanted in switches {
                    assert!(!decide(true, forced, wanted, is_terminal));
                    let expected = forced == Some(true) || is_terminal && wanted != Some(false);
                    let found = decide(false, forced, wanted, is_terminal);
                    assert_eq!(found, expected, "{forced:?} {wanted:?} {is_terminal}");
                }
            }
        }
    }
}
