//! From TOML to a script, strictly: what is not understood is an error with its line.

use std::ops::Range;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use toml::Spanned;

use crate::script::{At, Deed, Expect, Place, Script, ScriptError, Step, duration};

const TIMES_MAX: u32 = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScript {
    world: RawWorld,
    #[serde(default)]
    step: Vec<Spanned<RawStep>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWorld {
    guild: Spanned<String>,
    owner: Spanned<String>,
    #[serde(default)]
    members: Vec<Spanned<String>>,
    #[serde(default)]
    channels: Vec<Spanned<String>>,
    start: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    who: Option<Spanned<String>>,
    says: Option<Spanned<String>>,
    slash: Option<Spanned<String>>,
    wait: Option<Spanned<String>>,
    r#in: Option<Spanned<String>>,
    times: Option<Spanned<u32>>,
    #[serde(default)]
    expect: Vec<Spanned<String>>,
    #[serde(default)]
    expect_not: Vec<Spanned<String>>,
    ephemeral: Option<Spanned<bool>>,
    refused: Option<Spanned<bool>>,
    #[serde(default)]
    expect_message: Vec<Spanned<String>>,
}

/// A fault, and where in the text it is.
type Fault = (Range<usize>, String);

pub(crate) fn script(file: Option<&str>, text: &str) -> Result<Script, ScriptError> {
    let reader = Reader { text };
    reader.script(file).map_err(|(span, problem)| ScriptError {
        place: Place {
            file: file.map(str::to_owned),
            line: reader.line(&span),
        },
        problem,
    })
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    /// The line of a place in the text, from 1.
    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.as_bytes().iter().take(span.start);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    fn script(&self, file: Option<&str>) -> Result<Script, Fault> {
        let raw: RawScript = toml::from_str(self.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            (span, error.message().to_owned())
        })?;
        let world = raw.world;
        let mut script = Script {
            file: file.map(str::to_owned),
            guild: named(world.guild, "a guild")?,
            owner: named(world.owner, "a person")?,
            members: names(world.members, "a person")?,
            channels: names(world.channels, "a channel")?,
            start: world.start.as_ref().map(start).transpose()?,
            steps: Vec::new(),
        };
        let steps = raw.step.into_iter();
        let steps = steps.map(|step| self.step(&script, step));
        script.steps = steps.collect::<Result<_, _>>()?;
        Ok(script)
    }

    fn step(&self, script: &Script, step: Spanned<RawStep>) -> Result<Step, Fault> {
        let span = step.span();
        let mut raw = step.into_inner();
        let channel = match raw.r#in.take() {
            None => "general".to_owned(),
            Some(name) => known_channel(script, name)?,
        };
        let expect_message = self.texts(std::mem::take(&mut raw.expect_message))?;
        let is_look = !expect_message.is_empty();
        let line = self.line(&span);
        let deed = self.deed(script, raw, span, is_look)?;
        Ok(Step {
            line,
            deed,
            channel,
            expect_message,
        })
    }

    fn deed(
        &self,
        script: &Script,
        mut raw: RawStep,
        span: Range<usize>,
        is_look: bool,
    ) -> Result<Option<Deed>, Fault> {
        let expect = self.expect(&mut raw)?;
        let deed = match (raw.wait, raw.says, raw.slash) {
            (Some(wait), None, None) => Deed::Wait(wait_time(&wait)?),
            (None, Some(says), None) => Deed::Say {
                who: actor(script, raw.who.take(), &says)?,
                text: filled(says, "words")?,
                times: raw.times.take().map_or(Ok(1), |it| times(&it))?,
            },
            (None, None, Some(slash)) => Deed::Slash {
                who: actor(script, raw.who.take(), &slash)?,
                text: command(slash)?,
                expect: expect.clone(),
            },
            (None, None, None) if is_look => {
                let nobody_acts = no_more(raw.who, "who", "`says` or `slash`");
                let nothing_is_said = no_more(raw.times, "times", "`says`");
                return nobody_acts.and(nothing_is_said).map(|()| None);
            }
            _ => {
                let problem = "expected a step to have one of `says`, `slash`, `wait`, or else \
                               `expect_message`";
                return Err((span, problem.to_owned()));
            }
        };
        let expects = expect != Expect::default();
        if expects && !matches!(deed, Deed::Slash { .. }) {
            let problem = "expected `expect`, `expect_not`, `ephemeral` and `refused` only in a \
                           step with `slash`";
            return Err((span, problem.to_owned()));
        }
        no_more(raw.who, "who", "`says` or `slash`")?;
        no_more(raw.times, "times", "`says`")?;
        Ok(Some(deed))
    }

    fn expect(&self, raw: &mut RawStep) -> Result<Expect, Fault> {
        let expect = Expect {
            texts: self.texts(std::mem::take(&mut raw.expect))?,
            not_texts: self.texts(std::mem::take(&mut raw.expect_not))?,
            ephemeral: raw.ephemeral.take().map(|it| At {
                line: self.line(&it.span()),
                value: it.into_inner(),
            }),
            refused: raw.refused.as_ref().is_some_and(|it| *it.as_ref()),
        };
        let expects_text = !expect.texts.is_empty() || expect.ephemeral.is_some();
        match raw.refused.take() {
            Some(refused) if expect.refused && expects_text => {
                let problem = "expected no answer to be described when `refused` is true";
                Err((refused.span(), problem.to_owned()))
            }
            _ => Ok(expect),
        }
    }

    fn texts(&self, texts: Vec<Spanned<String>>) -> Result<Vec<At<String>>, Fault> {
        let texts = texts.into_iter().map(|text| {
            let line = self.line(&text.span());
            let value = filled(text, "some text")?;
            Ok(At { line, value })
        });
        texts.collect()
    }
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

fn names(names: Vec<Spanned<String>>, of: &str) -> Result<Vec<String>, Fault> {
    names.into_iter().map(|name| named(name, of)).collect()
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
