//! Names that a project and a module may have, so that what is written compiles and runs.

use crate::config::Problem;

const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false \
    final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
    super trait true try type typeof unsafe unsized use virtual where while yield";
/// Those of Rust, and those that a project's `Cargo.toml` names.
const CRATES: &str = "alloc anyhow chrono chrono_tz cogsmith core futures_util parking_lot poise proc_macro serde serde_json \
    serenity sqlx std test tokio tracing";

/// Discord's bound on the name of a command.
const LONGEST: usize = 32;
/// In scope where a module's type is, beside the prelude.
const IN_SCOPE: &str = "AsMut AsRef Box Clone Copy Default DoubleEndedIterator Drop Eq Err ExactSizeIterator Extend \
    Fn FnMut FnOnce From FromIterator Future GuildId Into IntoFuture IntoIterator Iterator None Ok Option Ord PartialEq \
    PartialOrd Send Sized Some String Sync ToOwned ToString TryFrom TryInto Unpin UserId Vec";

/// Checks the name of a package.
///
/// # Errors
/// Says what was expected instead.
pub(super) fn check_package(name: &str) -> Result<(), Problem> {
    if !is_words(name, &['-', '_']) {
        let expected = "a folder whose last part can name a package: words of a-z and 0-9 with a - or _ between, \
            beginning with a letter, such as gadget";
        return Err(Problem::quoting("DIR", name, expected));
    }
    let taken = [
        (KEYWORDS, "a word of Rust"),
        (CRATES, "a crate that the project uses"),
        ("build deps examples incremental", "a folder of cargo's"),
    ];
    refuse("DIR", name, &taken)
}

/// Checks the name of a module.
///
/// # Errors
/// Says what was expected instead.
pub(super) fn check_module(name: &str) -> Result<(), Problem> {
    if !is_words(name, &['_']) || name.len() > LONGEST {
        let expected = "1 to 32 of a-z, 0-9 and _, words with one _ between, beginning with a letter, such as birthdays";
        return Err(Problem::quoting("NAME", name, expected));
    }
    if name.split('_').next() == Some("sqlite") {
        let expected = "a name that tables may begin with, and sqlite_ is SQLite's own";
        return Err(Problem::quoting("NAME", name, expected));
    }
    let taken = [
        (KEYWORDS, "a word of Rust"),
        (
            "commands modules store stored tests",
            "a file or folder that modules have",
        ),
        (
            "challenge challenges cogsmith data dues help leaderboard leaderboard_config members module presence rank \
             settings steward task total welcome",
            "a module or command of Cogsmith's own",
        ),
    ];
    refuse("NAME", name, &taken)
}

/// Words of a-z and 0-9 with one separator between, the first beginning with a letter.
fn is_words(name: &str, separators: &[char]) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut words = name.split(separators);
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && words.all(|word| !word.is_empty() && word.chars().all(is_part))
}

fn refuse(argument: &'static str, name: &str, taken: &[(&str, &str)]) -> Result<(), Problem> {
    let as_crate = name.replace('-', "_");
    let found = taken
        .iter()
        .find(|(names, _)| names.split(' ').any(|taken| taken == as_crate));
    match found {
        Some((_, what)) => {
            let expected = format!("a name that is not {what}");
            Err(Problem::quoting(argument, name, expected))
        }
        None => Ok(()),
    }
}

/// The type of a module: `birthday_zones` becomes `BirthdayZones`, and `host` becomes `HostModule`, as `Host` is
/// something else to every module.
pub(super) fn type_name(module: &str) -> String {
    let words = module.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    let name: String = words.collect();
    let suffix = if is_in_scope(&name) { "Module" } else { "" };
    name + suffix
}

fn is_in_scope(name: &str) -> bool {
    let prelude = include_str!("../prelude.rs").split(|c: char| !c.is_alphanumeric());
    prelude
        .chain(IN_SCOPE.split(' '))
        .any(|there| there == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_the_name_of_its_module_unless_that_is_something_else() {
        for (module, expected) in [
            ("birthdays", "Birthdays"),
            ("birthday_zones", "BirthdayZones"),
            ("host", "HostModule"),
            ("user_id", "UserIdModule"),
            ("vec", "VecModule"),
            ("task_handle", "TaskHandleModule"),
        ] {
            assert_eq!(type_name(module), expected);
        }
    }

    #[test]
    fn a_package_is_not_named_as_a_crate_that_it_uses() {
        let manifest = include_str!("template/project/Cargo.toml.in");
        let dependencies = manifest.split("[dependencies]\n").nth(1).unwrap();
        let dependencies = dependencies.split("\n\n").next().unwrap();
        let names = dependencies
            .lines()
            .filter_map(|line| line.split_once(" = "));
        let refused = names.map(|(name, _)| check_package(name).is_err());
        assert!(refused.clone().count() > 5 && refused.clone().all(|it| it));
    }
}
