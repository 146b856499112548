//! Tables of requests, one a line, and what is expected of them.
//!
//! - `METHOD path {body} => 200` is done; `with A B` says which permissions it takes, `heard as X Y`
//!   which events follow, in order, `AUDIT_12` being an entry of the audit log for action 12.
//! - `METHOD path {body} => 400 50035` is refused with this code; `at a.b` says at which field.
//! - `given WORD: …` is done beforehand; `{WORD}` then stands for the `id`, `sound_id` or `code` of the answer.
//! - A `file` that is `"picture"` is sent as one, and the other fields as parts beside it.
//! - `voice NAME` lets the bot and ann enter this voice channel beforehand.
//!   Of a list of integrations, it is that of another bot.
//! - `ann METHOD …` is what a person asks for, `nobody METHOD …` a request without a token.
//!
//! `#` begins a comment.

use cogsmith_simulator::Permissions;
use serde_json::Value;

#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) given: Vec<(&'static str, Line)>,
    /// The voice channel where the bot and ann are.
    pub(crate) voice: Option<&'static str>,
    pub(crate) lines: Vec<Line>,
}

#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) text: &'static str,
    /// A person's name, `nobody`, or nothing for the bot.
    pub(crate) who: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<&'static str>,
    pub(crate) expected: Expected,
}

#[derive(Clone, Debug)]
pub(crate) enum Expected {
    Done {
        status: u16,
        needs: Permissions,
        heard: Vec<&'static str>,
    },
    Refused {
        status: u16,
        code: u64,
        /// A JSON pointer into `errors`.
        at: Option<String>,
    },
}

impl Table {
    pub(crate) fn read(text: &'static str) -> Self {
        let mut table = Self {
            given: Vec::new(),
            voice: None,
            lines: Vec::new(),
        };
        let lines = text.lines().map(str::trim_end);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix("voice ") {
                table.voice = Some(name);
                continue;
            }
            match line
                .strip_prefix("given ")
                .and_then(|it| it.split_once(": "))
            {
                Some((word, line)) => table.given.push((word, Line::read(line))),
                None => table.lines.push(Line::read(line)),
            }
        }
        table
    }
}

impl Line {
    fn read(text: &'static str) -> Self {
        let (request, expected) = text.rsplit_once(" => ").expect(text);
        let (first, rest) = request.split_once(' ').expect(text);
        let is_method = first.bytes().all(|byte| byte.is_ascii_uppercase());
        let (who, (method, rest)) = match is_method {
            true => ("", (first, rest)),
            false => (first, rest.split_once(' ').expect(text)),
        };
        let (path, body) = match rest.split_once(' ') {
            Some((path, body)) => (path, Some(body)),
            None => (rest, None),
        };
        Self {
            text,
            who,
            method,
            path: path.to_owned(),
            body,
            expected: Expected::read(expected),
        }
    }

    /// Whether a person asks for it.
    pub(crate) fn is_of_person(&self) -> bool {
        !self.who.is_empty() && self.who != "nobody"
    }

    /// Whether this line is done, and says nothing of permissions where they have to be said: in a
    /// channel or guild that the bot may not see.
    pub(crate) fn is_unseen_refused(&self) -> bool {
        let is_done = matches!(self.expected, Expected::Done { .. });
        let is_there = ["channels/{GENERAL}", "guilds/{GUILD}"];
        is_done && self.who.is_empty() && is_there.iter().any(|it| self.path.starts_with(it))
    }

    /// This line where nothing is seen, and its refusal there.
    pub(crate) fn unseen(&self) -> Self {
        let (path, expected) = match self.path.starts_with("channels/{GENERAL}") {
            true => (self.path.clone(), Expected::refused(403, 50001)),
            false => {
                let path = self.path.replacen("{GUILD}", "17", 1);
                (path, Expected::refused(404, 10004))
            }
        };
        Self {
            path,
            expected,
            ..self.clone()
        }
    }
}

impl Expected {
    /// What is done without a permission that it takes.
    pub(crate) const FORBIDDEN: Self = Self::refused(403, 50013);

    const fn refused(status: u16, code: u64) -> Self {
        Self::Refused {
            status,
            code,
            at: None,
        }
    }

    fn read(text: &'static str) -> Self {
        let (text, heard) = text.split_once(" heard as ").unwrap_or((text, ""));
        let (status, rest) = text.split_once(' ').unwrap_or((text, ""));
        let status = status.parse().expect(text);
        if status < 400 {
            let named = rest.trim_start_matches("with ").split_whitespace();
            let needs = named.fold(Permissions::NONE, |needs, name| {
                needs | Permissions::named(name).expect(name)
            });
            let heard = heard.split_whitespace().collect();
            return Self::Done {
                status,
                needs,
                heard,
            };
        }
        let (code, at) = match rest.split_once(" at ") {
            Some((code, at)) => (code, Some(format!("/{}/_errors/0", at.replace('.', "/")))),
            None => (rest, None),
        };
        let code = code.parse().expect(text);
        Self::Refused { status, code, at }
    }

    /// The events that follow, as the table names them.
    pub(crate) fn heard(&self) -> Vec<&'static str> {
        match self {
            Self::Done { heard, .. } => heard.clone(),
            Self::Refused { .. } => Vec::new(),
        }
    }

    /// # Errors
    /// What was found in the place of what is expected.
    pub(crate) fn check(&self, (status, body): &(u16, Value)) -> Result<(), String> {
        let fits = match self {
            Self::Done {
                status: expected, ..
            } => status == expected,
            Self::Refused {
                status: expected,
                code,
                at,
            } => {
                let at = at
                    .as_ref()
                    .is_none_or(|at| body["errors"].pointer(at).is_some());
                status == expected && body["code"] == *code && at
            }
        };
        fits.then_some(()).ok_or_else(|| format!("{status} {body}"))
    }
}
