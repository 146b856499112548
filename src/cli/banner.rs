//! What is shown when a bot starts on a terminal.

use std::{
    env::consts::{ARCH, OS},
    io::{IsTerminal, stderr},
};

use super::{help, out, settings::Settings};
use crate::config::{Banner, LogFormat, Shards, is_coloured};

/// What a start says of itself.
pub(super) struct About {
    /// Where the bot goes, such as `Discord`.
    pub(super) place: String,
    pub(super) modules: Vec<&'static str>,
    /// Those that are asked for; `None` when Discord decides.
    pub(super) shards: Option<Shards>,
}

/// Shows the banner, unless standard error is no terminal or read by a machine.
pub(super) fn show(settings: &Settings, about: &About) {
    // What is wrong with the setting is told with all other problems.
    let banner = Banner::read(&settings.variables).ok().flatten();
    if let Some(banner) = banner
        && stderr().is_terminal()
        && settings.log_format() == LogFormat::Pretty
    {
        let is_coloured = is_coloured(&stderr());
        out::aside(banner.filled(|name| about.value(name, is_coloured)));
    }
}

impl About {
    fn value(&self, name: &str, is_coloured: bool) -> Option<String> {
        let value = match name {
            "name" => help::program(),
            "version" => env!("CARGO_PKG_VERSION").to_owned(),
            "place" => self.place.clone(),
            "modules" => self.modules.join(", "),
            "shards" => self.shards(),
            "system" => format!("{OS} {ARCH}"),
            name => {
                let code = code(name)?;
                return Some(match is_coloured {
                    true => format!("\u{1b}[{code}m"),
                    false => String::new(),
                });
            }
        };
        Some(value)
    }

    fn shards(&self) -> String {
        match &self.shards {
            None => "as many as Discord recommends".to_owned(),
            Some(Shards { ids, count }) => format!("{} of {count}", ranges(ids.iter().copied())),
        }
    }
}

/// `0-3, 7`.
fn ranges(ids: impl Iterator<Item = u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for id in ids {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == id => *last = id,
            _ => ranges.push((id, id)),
        }
    }
    let ranges = ranges.into_iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    ranges.collect::<Vec<_>>().join(", ")
}

/// Of ECMA-48, Select Graphic Rendition.
fn code(name: &str) -> Option<u8> {
    Some(match name {
        "reset" => 0,
        "bold" => 1,
        "dim" => 2,
        "red" => 31,
        "green" => 32,
        "yellow" => 33,
        "blue" => 34,
        "magenta" => 35,
        "cyan" => 36,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BANNER_NAMES;

    #[test]
    fn every_built_in_name_has_a_value() {
        let about = About {
            place: "Discord".to_owned(),
            modules: vec!["help", "welcome"],
            shards: Some(Shards {
                ids: [0, 1, 2, 3, 7].into(),
                count: 16,
            }),
        };
        for name in BANNER_NAMES {
            assert!(
                about.value(name, true).is_some_and(|it| !it.is_empty()),
                "{name}"
            );
        }
        assert_eq!(about.value("shards", true).unwrap(), "0-3, 7 of 16");
        assert_eq!(about.value("modules", true).unwrap(), "help, welcome");
        assert_eq!(about.value("red", false).unwrap(), "");
        assert_eq!(about.value("HOME", true), None);
    }
}
