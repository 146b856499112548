//! From TOML to a script, strictly: what is not understood is an error with its line.

use std::ops::Range;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use toml::Spanned;

use crate::document::{self, Fault, Table};
use crate::script::{At, Deed, Expect, Place, Script, ScriptError, Step, duration};

const TIMES_MAX: u32 = 10_000;

/// What is left of a document without its world and its steps. It is read for its faults alone.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Rest {
    world: RawWorld,
    step: Vec<RawStep>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawWorld {
    guild: Option<Spanned<String>>,
    owner: Option<Spanned<String>>,
    members: Vec<Spanned<String>>,
    channels: Vec<Spanned<String>>,
    start: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawStep {
    who: Option<Spanned<String>>,
    says: Option<Spanned<String>>,
    slash: Option<Spanned<String>>,
    presses: Option<Spanned<String>>,
    choose: Vec<Spanned<String>>,
    restart: Option<Spanned<bool>>,
    wait: Option<Spanned<String>>,
    r#in: Option<Spanned<String>>,
    times: Option<Spanned<u32>>,
    expect: Vec<Spanned<String>>,
    expect_not: Vec<Spanned<String>>,
    ephemeral: Option<Spanned<bool>>,
    refused: Option<Spanned<bool>>,
    expect_message: Vec<Spanned<String>>,
}

pub(crate) fn script(file: Option<&str>, text: &str) -> Result<Script, Vec<ScriptError>> {
    let mut reader = Reader {
        text,
        faults: Vec::new(),
        is_world_whole: true,
    };
    let script = reader.script(file);
    let mut faults = reader.faults;
    if faults.is_empty() {
        return Ok(script);
    }
    faults.sort_by_key(|(span, _)| span.start);
    let error = |(span, problem): Fault| ScriptError {
        place: Place {
            file: file.map(str::to_owned),
            line: document::line(text, &span),
        },
        problem,
    };
    Err(faults.into_iter().map(error).collect())
}

/// Reads on past each fault.
struct Reader<'a> {
    text: &'a str,
    faults: Vec<Fault>,
    /// Whether everybody and every channel is known.
    is_world_whole: bool,
}

impl Reader<'_> {
    fn script(&mut self, file: Option<&str>) -> Script {
        let mut script = Script {
            file: file.map(str::to_owned),
            guild: String::new(),
            owner: String::new(),
            members: Vec::new(),
            channels: Vec::new(),
            start: None,
            steps: Vec::new(),
        };
        let mut document = document::parse(self.text, &mut self.faults);
        // What follows from a text that is no TOML is no fault of its own.
        if !self.faults.is_empty() {
            return script;
        }
        let steps = document::take_tables(&mut document, "step");
        match document::take_table(&mut document, "world") {
            Some(world) => self.world(&mut script, world),
            None if document.get_ref().contains_key("world") => self.is_world_whole = false,
            None => self.keep_or(Err((0..0, "missing field `world`".to_owned())), ()),
        }
        let _: Rest = document::read(document, &[], &mut self.faults);
        script.steps = steps
            .into_iter()
            .filter_map(|step| self.step(&script, step))
            .collect();
        script
    }

    fn world(&mut self, script: &mut Script, table: Table<'_>) {
        let required = ["guild", "owner"];
        let world: RawWorld = document::read(table, &required, &mut self.faults);
        let mut name = |name: Option<Spanned<String>>, of| {
            let name = name.map_or_else(|| Ok(String::new()), |name| named(name, of));
            self.keep_or(name, String::new())
        };
        script.guild = name(world.guild, "a guild");
        script.owner = name(world.owner, "a person");
        script.members = self.each(world.members, |name| named(name, "a person"));
        script.channels = self.each(world.channels, |name| named(name, "a channel"));
        let start = world.start.as_ref().map(start).transpose();
        script.start = self.keep_or(start, None);
        self.is_world_whole = self.faults.is_empty();
    }

    /// The value, or `otherwise` and its fault noted.
    fn keep_or<T>(&mut self, read: Result<T, Fault>, otherwise: T) -> T {
        read.unwrap_or_else(|fault| {
            self.faults.push(fault);
            otherwise
        })
    }

    fn keep<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        self.keep_or(read.map(Some), None)
    }

    fn each<T, U>(&mut self, items: Vec<T>, read: impl Fn(T) -> Result<U, Fault>) -> Vec<U> {
        let items = items.into_iter();
        items.filter_map(|item| self.keep(read(item))).collect()
    }

    fn step(&mut self, script: &Script, table: Table<'_>) -> Option<Step> {
        let (span, before) = (table.span(), self.faults.len());
        let mut raw: RawStep = document::read(table, &[], &mut self.faults);
        if self.faults.len() > before {
            return None;
        }
        let channel = match raw.r#in.take() {
            Some(name) if self.is_world_whole => self.keep(known_channel(script, name))?,
            Some(name) => name.into_inner(),
            None => "general".to_owned(),
        };
        let expect_message = self.texts(std::mem::take(&mut raw.expect_message));
        let line = document::line(self.text, &span);
        let deed = self.deed(script, raw, span, !expect_message.is_empty());
        Some(Step {
            line,
            deed,
            channel,
            expect_message,
        })
    }

    /// `None` for a step that only looks, or has a fault.
    fn deed(
        &mut self,
        script: &Script,
        mut raw: RawStep,
        span: Range<usize>,
        is_look: bool,
    ) -> Option<Deed> {
        let expect = self.expect(&mut raw);
        let expects = expect != Expect::default();
        let (who, times_given) = (raw.who, raw.times);
        if raw.presses.is_none() {
            let choice = raw.choose.pop();
            self.keep(no_more(choice, "choose", "`presses`"));
        }
        match (raw.wait, raw.restart, raw.says, raw.slash, raw.presses) {
            (Some(wait), None, None, None, None) => {
                self.nothing_of_others(who, times_given, expects.then_some(span));
                self.keep(wait_time(&wait)).map(Deed::Wait)
            }
            (None, Some(restart), None, None, None) => {
                self.nothing_of_others(who, times_given, expects.then_some(span));
                self.keep(set("restart", &restart))?;
                Some(Deed::Restart)
            }
            (None, None, Some(says), None, None) => {
                self.keep(no_expect(expects.then_some(span)));
                let times = times_given.map_or(Ok(1), |it| times(&it));
                let (who, times) = (self.actor(script, who, &says), self.keep(times));
                let text = self.keep(filled(says, "words"))?;
                let (who, times) = (who?, times?);
                Some(Deed::Say { who, text, times })
            }
            (None, None, None, Some(slash), None) => {
                self.keep(no_more(times_given, "times", "`says`"));
                let who = self.actor(script, who, &slash);
                let text = self.keep(command(slash))?;
                let who = who?;
                Some(Deed::Slash { who, text, expect })
            }
            (None, None, None, None, Some(presses)) => {
                self.keep(no_more(times_given, "times", "`says`"));
                let who = self.actor(script, who, &presses);
                let component = self.keep(filled(presses, "a label or a custom id"));
                let values = self.each(raw.choose, |value| filled(value, "a value"));
                Some(Deed::Press {
                    component: component?,
                    who: who?,
                    values,
                    expect,
                })
            }
            (None, None, None, None, None) if is_look => {
                self.nothing_of_others(who, times_given, expects.then_some(span));
                None
            }
            _ => {
                let problem = "expected a step to have one of `says`, `slash`, `presses`, `wait`, \
                               `restart`, or else `expect_message`";
                self.faults.push((span, problem.to_owned()));
                None
            }
        }
    }

    /// Nobody acts, nothing is said, no answer is expected.
    fn nothing_of_others(
        &mut self,
        who: Option<Spanned<String>>,
        times: Option<Spanned<u32>>,
        expects: Option<Range<usize>>,
    ) {
        self.keep(no_more(who, "who", "`says`, `slash` or `presses`"));
        self.keep(no_more(times, "times", "`says`"));
        self.keep(no_expect(expects));
    }

    fn actor(
        &mut self,
        script: &Script,
        who: Option<Spanned<String>>,
        act: &Spanned<String>,
    ) -> Option<String> {
        match who {
            Some(who) if !self.is_world_whole => Some(who.into_inner()),
            who => self.keep(actor(script, who, act)),
        }
    }

    fn expect(&mut self, raw: &mut RawStep) -> Expect {
        let expect = Expect {
            texts: self.texts(std::mem::take(&mut raw.expect)),
            not_texts: self.texts(std::mem::take(&mut raw.expect_not)),
            ephemeral: raw.ephemeral.take().map(|it| At {
                line: document::line(self.text, &it.span()),
                value: it.into_inner(),
            }),
            refused: raw.refused.as_ref().is_some_and(|it| *it.as_ref()),
        };
        let expects_text = !expect.texts.is_empty() || expect.ephemeral.is_some();
        if let Some(refused) = raw.refused.take()
            && expect.refused
            && expects_text
        {
            let problem = "expected no answer to be described when `refused` is true";
            self.faults.push((refused.span(), problem.to_owned()));
        }
        expect
    }

    fn texts(&mut self, texts: Vec<Spanned<String>>) -> Vec<At<String>> {
        let whole = self.text;
        self.each(texts, |text| {
            let line = document::line(whole, &text.span());
            let value = filled(text, "some text")?;
            Ok(At { line, value })
        })
    }
}

fn no_expect(expects: Option<Range<usize>>) -> Result<(), Fault> {
    expects.map_or(Ok(()), |span| {
        let problem = "expected `expect`, `expect_not`, `ephemeral` and `refused` only in a \
                       step with `slash` or `presses`";
        Err((span, problem.to_owned()))
    })
}

fn start(text: &Spanned<String>) -> Result<DateTime<Utc>, Fault> {
    let moment = DateTime::parse_from_rfc3339(text.as_ref());
    let moment = moment.map(|moment| moment.with_timezone(&Utc));
    moment.map_err(|_| {
        let found = text.as_ref();
        let problem = format!("start: expected a time like 2026-03-02T09:00:00Z, found {found:?}");
        (text.span(), problem)
    })
}

fn filled(text: Spanned<String>, expected: &str) -> Result<String, Fault> {
    if text.as_ref().trim().is_empty() {
        let problem = format!("expected {expected}, found {:?}", text.as_ref());
        return Err((text.span(), problem));
    }
    Ok(text.into_inner())
}

fn named(name: Spanned<String>, of: &str) -> Result<String, Fault> {
    filled(name, &format!("the name of {of}"))
}

fn known_channel(script: &Script, name: Spanned<String>) -> Result<String, Fault> {
    let mut known = script
        .channels
        .iter()
        .map(String::as_str)
        .chain(["general"]);
    if known.any(|it| it == name.as_ref()) {
        return Ok(name.into_inner());
    }
    let channels = script.channels.join(", ");
    let found = name.as_ref();
    let problem = format!("in: {found:?} is no channel, expected general or one of [{channels}]");
    Err((name.span(), problem))
}

fn actor(
    script: &Script,
    who: Option<Spanned<String>>,
    act: &Spanned<String>,
) -> Result<String, Fault> {
    let Some(who) = who else {
        let problem = "expected `who` beside it: who says or uses this";
        return Err((act.span(), problem.to_owned()));
    };
    let is_known = script.members.contains(who.as_ref()) || script.owner == *who.as_ref();
    if is_known {
        return Ok(who.into_inner());
    }
    let (found, owner) = (who.as_ref(), &script.owner);
    let members = script.members.join(", ");
    let problem = format!("who: {found:?} is nobody, expected {owner} or one of [{members}]");
    Err((who.span(), problem))
}

fn wait_time(text: &Spanned<String>) -> Result<std::time::Duration, Fault> {
    let found = text.as_ref();
    let problem =
        || format!("wait: expected a duration such as 90s, 10m or 1h30m, found {found:?}");
    duration::parse(found).ok_or_else(|| (text.span(), problem()))
}

fn set(key: &str, value: &Spanned<bool>) -> Result<(), Fault> {
    if *value.as_ref() {
        return Ok(());
    }
    Err((value.span(), format!("{key}: expected true, found false")))
}

fn times(count: &Spanned<u32>) -> Result<u32, Fault> {
    let found = *count.as_ref();
    if (1..=TIMES_MAX).contains(&found) {
        return Ok(found);
    }
    let problem = format!("times: expected 1 to {TIMES_MAX}, found {found}");
    Err((count.span(), problem))
}

fn command(text: Spanned<String>) -> Result<String, Fault> {
    if text.as_ref().len() > 1 && text.as_ref().starts_with('/') {
        return Ok(text.into_inner());
    }
    let problem = format!(
        "slash: expected /name option:value, found {:?}",
        text.as_ref()
    );
    Err((text.span(), problem))
}

fn no_more<T>(field: Option<Spanned<T>>, key: &str, place: &str) -> Result<(), Fault> {
    field.map_or(Ok(()), |field| {
        let problem = format!("{key}: expected only in a step with {place}");
        Err((field.span(), problem))
    })
}
