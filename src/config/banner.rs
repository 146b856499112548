//! What is shown when the bot starts on a terminal: `BANNER`, a text with `$names` in it.

use std::{collections::BTreeMap, fs};

use super::{Problem, Problems, Variables, row::Row, table};

/// The names that are filled in, whatever a file says.
pub const BANNER_NAMES: [&str; 15] = [
    "name", "version", "place", "modules", "shards", "system", "bold", "dim", "red", "green",
    "yellow", "blue", "magenta", "cyan", "reset",
];

const BUILT_IN: &str = "
  ${bold}${cyan}⚙ $name${reset} $version
  ${dim}at${reset}       $place
  ${dim}modules${reset}  $modules
  ${dim}shards${reset}   $shards

";

/// A text with `$name` or `${name}` where something is filled in; `$$` is a dollar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    text: String,
    /// Names of the file's own, with what stands for them.
    own: BTreeMap<String, String>,
}

impl Banner {
    /// Reads `BANNER`; `None` shows nothing.
    ///
    /// # Errors
    /// The file cannot be read, or gives a built-in name another meaning.
    pub fn read(variables: &Variables) -> Result<Option<Self>, Problems> {
        variables.need(&table::BANNER)
    }

    /// Lines at the top such as `$motto = slow is smooth` give names of the file's own.
    fn parse(row: &Row, file: &str) -> Result<Self, Problem> {
        let (mut own, mut text) = (BTreeMap::new(), file);
        while let Some((name, value, rest)) = definition(text) {
            if BANNER_NAMES.contains(&name) {
                let found = format!("a file that defines ${name}");
                let expected = "names of its own, as built-in ones cannot be overridden";
                return Err(Problem::new(row.name, found, expected));
            }
            own.insert(name.to_owned(), value.to_owned());
            text = rest;
        }
        let text = text.to_owned();
        Ok(Self { text, own })
    }

    /// The text with `built_in` and its own names filled in. A name that nobody has given stays as it is.
    #[must_use]
    pub fn filled(&self, built_in: impl Fn(&str) -> Option<String>) -> String {
        let (mut filled, mut rest) = (String::new(), &*self.text);
        while let Some((before, after)) = rest.split_once('$') {
            filled.push_str(before);
            let (name, left) = name(after);
            let value = built_in(name).or_else(|| self.own.get(name).cloned());
            match value {
                Some(value) => filled.push_str(&value),
                None if after.starts_with('$') => filled.push('$'),
                None => {
                    filled.push('$');
                    filled.push_str(&after[..after.len() - left.len()]);
                }
            }
            rest = match after.strip_prefix('$') {
                Some(left) => left,
                None => left,
            };
        }
        filled + rest
    }
}

/// `on`, `off`, or the path of a file.
pub(super) fn read(row: &Row, text: &str) -> Result<Option<Banner>, Problems> {
    let file = match text {
        "off" => return Ok(None),
        "on" => BUILT_IN.to_owned(),
        path => fs::read_to_string(path).map_err(|error| {
            let found = format!("{} ({error})", Problem::quoting(row.name, path, "").found);
            Problem::new(row.name, found, row.kind.to_string())
        })?,
    };
    Ok(Banner::parse(row, &file).map(Some)?)
}

/// Of a text that begins with `$name = value`: both, and the lines after it.
fn definition(text: &str) -> Option<(&str, &str, &str)> {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    let (before, value) = line.strip_prefix('$')?.split_once('=')?;
    let is_name = name(before.trim_end()).1.is_empty() && !before.trim().is_empty();
    is_name.then(|| (before.trim_end(), value.trim(), rest))
}

/// The name that a text begins with, in braces or not, and what follows it.
fn name(text: &str) -> (&str, &str) {
    if let Some((name, rest)) = text.strip_prefix('{').and_then(|it| it.split_once('}')) {
        return (name, rest);
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split_at(text.find(|c| !is_part(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(file: &str) -> Result<Banner, Problem> {
        Banner::parse(&table::BANNER.row, file)
    }

    fn filled(file: &str) -> String {
        let banner = parse(file).unwrap();
        banner.filled(|name| (name == "version").then(|| "1.2".to_owned()))
    }

    #[test]
    fn names_are_filled_in_and_unknown_ones_stay() {
        for (file, expected) in [
            ("v$version!", "v1.2!"),
            ("${version}0", "1.20"),
            (
                "$versions $ $5 ${no} ${version",
                "$versions $ $5 ${no} ${version",
            ),
            ("$$version", "$version"),
            ("$motto = slow\n$version: $motto$motto", "1.2: slowslow"),
            ("$a = 1\n$b = 2\n$b$a\n$a = 3", "21\n1 = 3"),
            ("", ""),
            ("$", "$"),
        ] {
            assert_eq!(filled(file), expected, "{file:?}");
        }
    }

    #[test]
    fn a_built_in_name_cannot_be_overridden() {
        for name in BANNER_NAMES {
            let refused = parse(&format!("${name} = mine\n")).unwrap_err();
            assert_eq!(refused.found, format!("a file that defines ${name}"));
        }
    }

    #[test]
    fn every_name_in_the_built_in_text_is_known() {
        let known = |name: &str| BANNER_NAMES.contains(&name).then(String::new);
        assert!(!parse(BUILT_IN).unwrap().filled(known).contains('$'));
    }

    #[test]
    fn a_file_that_is_none_is_named() {
        let given = Variables::from([("BANNER", "nowhere.txt")]);
        let problems = Banner::read(&given).unwrap_err().to_string();
        assert!(
            problems.contains("BANNER: found \"nowhere.txt\" (No such file"),
            "{problems}"
        );
        let off = Variables::from([("BANNER", "off")]);
        assert_eq!(Banner::read(&off), Ok(None));
    }
}
