//! Scripts: played against a bot that is three lines long, and faults in them.

use std::time::Duration;

use cogsmith_simulator::script::{Script, Stage};
use cogsmith_simulator::{Line, Simulator};
use serde_json::{Value, json};

use crate::client::{Gateway, INTENTS, Rest};
use crate::clock::Clock;

const WORLD: &str = r#"[world]
guild = "Rustaceans"
owner = "olivia"
members = ["ann", "ben"]
channels = ["general", "news"]
start = "2026-03-02T09:00:00Z"
"#;

/// A bot that answers `/rank` with "15 XP" and a button for the person's eyes, and a press with what was chosen; its
/// clock needs no settling, more than a day is too much for it, and it can be started again once.
struct Bot {
    clock: Clock,
    restarts: u32,
}

impl Stage for Bot {
    type Error = &'static str;

    async fn settle(&self) -> Result<(), Self::Error> {
        Ok(())
    }

    async fn advance(&self, time: Duration) -> Result<(), Self::Error> {
        if time > Duration::from_secs(86_400) {
            return Err("still busy");
        }
        self.clock.advance(i64::try_from(time.as_secs()).unwrap());
        Ok(())
    }

    async fn restart(&mut self) -> Result<(), Self::Error> {
        self.restarts += 1;
        if self.restarts > 1 {
            return Err("still down");
        }
        Ok(())
    }
}

fn rank() -> Value {
    let button = json!({ "type": 2, "style": 1, "label": "More", "custom_id": "more:1" });
    let options = ["red", "blue"].map(|it| json!({ "label": it, "value": it }));
    let menu =
        json!({ "type": 3, "placeholder": "Colour", "custom_id": "colour", "options": options });
    let rows = [button, menu].map(|it| json!({ "type": 1, "components": [it] }));
    json!({ "content": "15 XP", "flags": 64, "components": rows })
}

fn pressed(data: &Value) -> Value {
    let content = format!("{} {}", data["custom_id"], data["values"]);
    let is_end = data["custom_id"] == "more:1";
    match is_end {
        true => json!({ "content": content, "components": [] }),
        false => json!({ "content": content }),
    }
}

/// Plays steps; gives the transcript, and the mismatch when there was one.
async fn play(steps: &str) -> (Vec<String>, Option<String>) {
    let script = Script::parse_file("x.toml", &format!("{WORLD}{steps}")).unwrap();
    let clock = Clock::new();
    let sim = Simulator::builder().now(clock.now()).start().await.unwrap();
    let rest = Rest::new(&sim);
    let path = format!("applications/{}/commands", sim.application_id());
    let commands = json!([
        { "name": "rank", "description": "x" },
        { "name": "stop", "description": "x", "default_member_permissions": "0" },
    ]);
    rest.put(&path, commands).await.with(200);
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    let answering = tokio::spawn(async move {
        loop {
            let frame = bot.frame().await;
            if frame["t"] == "INTERACTION_CREATE" {
                let text = |key: &str| frame["d"][key].as_str().unwrap();
                let path = format!("interactions/{}/{}/callback", text("id"), text("token"));
                let answer = match frame["d"]["type"].as_u64() {
                    Some(3) => json!({ "type": 7, "data": pressed(&frame["d"]["data"]) }),
                    _ => json!({ "type": 4, "data": rank() }),
                };
                rest.post(&path, answer).await.with(204);
            }
        }
    });
    let mut lines = Vec::new();
    let tell = |line: &Line| lines.push(line.to_string());
    let mut stage = Bot { clock, restarts: 0 };
    let played = script.play(&sim, &mut stage, tell).await;
    answering.abort();
    (lines, played.err().map(|error| error.to_string()))
}

#[tokio::test]
async fn a_script_is_played_and_told() {
    let (lines, mismatch) = play(
        r#"
[[step]]
who = "ann"
says = "hello"
times = 2
in = "news"
expect_message = ["hel", "lo"]

[[step]]
wait = "1h30m"

[[step]]
who = "ann"
slash = "/rank"
expect = ["15", "XP"]
expect_not = ["ben"]
ephemeral = true

[[step]]
who = "ben"
slash = "/stop"
refused = true

[[step]]
who = "olivia"
slash = "/stop"

[[step]]
in = "news"
expect_message = ["hello"]
"#,
    )
    .await;
    assert_eq!(mismatch, None);
    assert_eq!(
        lines,
        [
            "2026-03-02 09:00:00 ann joined Rustaceans",
            "2026-03-02 09:00:00 ben joined Rustaceans",
            "2026-03-02 09:00:00 #news ann: hello",
            "2026-03-02 09:00:00 #news ann: hello",
            "2026-03-02 10:30:00 #general ann uses /rank",
            "2026-03-02 10:30:00 #general bot answers (only ann sees it): 15 XP",
            "2026-03-02 10:30:00 #general ben is refused: ben may not use /stop: it needs \
             permissions 0",
            "2026-03-02 10:30:00 #general olivia uses /stop",
            "2026-03-02 10:30:00 #general bot answers (only olivia sees it): 15 XP",
        ]
    );
}

#[tokio::test]
async fn people_press_what_they_see_also_after_a_restart() {
    let (lines, mismatch) = play(
        r#"
[[step]]
who = "ann"
slash = "/rank"

[[step]]
who = "ben"
presses = "More"
refused = true

[[step]]
restart = true

[[step]]
who = "ann"
presses = "Colour"
choose = ["blue"]
expect = ['"colour" ["blue"]']

[[step]]
who = "ann"
presses = "More"
expect = ["more:1"]
ephemeral = true

[[step]]
who = "ann"
presses = "more:1"
refused = true
"#,
    )
    .await;
    assert_eq!(mismatch, None);
    let presses = lines.iter().filter(|line| line.contains("the component"));
    let presses: Vec<_> = presses.map(|line| &line[20..]).collect();
    let expected = ["Colour", "More"].map(|it| format!("#general ann uses the component {it}"));
    assert_eq!(presses, expected);
}

/// A script whose only steps are these fails with this, at a line counted from the first step.
async fn check_mismatch(steps: &str, line: usize, expected: &str) {
    let (_, mismatch) = play(steps).await;
    let line = WORLD.lines().count() + line;
    assert_eq!(
        mismatch,
        Some(format!("x.toml:{line}: {expected}")),
        "{steps}"
    );
}

#[tokio::test]
async fn a_mismatch_names_line_expected_and_found() {
    let rank = "[[step]]\nwho = \"ann\"\nslash = \"/rank\"\n";
    check_mismatch(
        &format!("{rank}expect = [\n\"XP\",\n\"16\"]"),
        6,
        r#"expected the answer to contain "16", found "15 XP""#,
    )
    .await;
    check_mismatch(
        &format!("{rank}expect_not = [\"15\"]"),
        4,
        r#"expected the answer not to contain "15", found "15 XP""#,
    )
    .await;
    check_mismatch(
        &format!("{rank}ephemeral = false"),
        4,
        "expected an answer for everybody, found an answer that only they see",
    )
    .await;
    check_mismatch(
        &format!("{rank}refused = true"),
        1,
        r#"expected the command to be refused, found the answer "15 XP""#,
    )
    .await;
    check_mismatch(
        "[[step]]\nwho = \"ben\"\nslash = \"/stop\"",
        1,
        "expected an answer, found ben may not use /stop: it needs permissions 0",
    )
    .await;
    check_mismatch(
        "[[step]]\nin = \"news\"\nexpect_message = [\"x\"]",
        3,
        r#"expected the newest message of #news to contain "x", found """#,
    )
    .await;
}

#[tokio::test]
async fn a_press_of_what_is_not_there_and_a_bot_that_stays_down_end_the_play() {
    check_mismatch(
        "[[step]]\nwho = \"ben\"\npresses = \"More\"",
        1,
        "expected an answer, found no message here has a button or menu \"More\" that can be used",
    )
    .await;
    let restart = "[[step]]\nrestart = true\n";
    check_mismatch(&restart.repeat(2), 3, "still down").await;
}

#[tokio::test]
async fn a_stage_that_cannot_go_on_ends_the_play_with_its_own_error() {
    let steps = "[[step]]\nwait = \"2d\"\n[[step]]\nwho = \"ann\"\nsays = \"never\"\n";
    let (lines, error) = play(steps).await;
    let line = WORLD.lines().count() + 1;
    assert_eq!(error, Some(format!("x.toml:{line}: still busy")));
    assert!(lines.iter().all(|it| !it.contains("never")), "{lines:?}");
}

/// A step with these lines is not understood, at this of them, for a reason that contains this.
#[track_caller]
fn check_fault(step: &str, line: usize, problem: &str) {
    let errors = Script::parse(&format!("{WORLD}[[step]]\n{step}\n")).unwrap_err();
    let error = &errors[0];
    assert!(error.problem.contains(problem), "{step}: {error}");
    let expected = WORLD.lines().count() + 1 + line;
    assert_eq!(error.place.line(), expected, "{step}: {error}");
    assert!(
        error.to_string().starts_with(&format!("line {expected}: ")),
        "{error}"
    );
}

#[test]
fn a_fault_names_its_line_and_what_was_expected() {
    check_fault(
        "who = \"ann\"\nshouts = \"hello\"",
        2,
        "unknown field `shouts`",
    );
    check_fault(
        "who = \"zoe\"\nsays = \"x\"",
        1,
        "\"zoe\" is nobody, expected olivia or one of [ann, ben]",
    );
    check_fault("says = \"x\"", 1, "expected `who` beside it");
    check_fault("who = \"ann\"\nsays = \" \"", 2, "expected words");
    check_fault("who = \"ann\"\nsays = 7", 2, "expected a string");
    check_fault(
        "who = \"ann\"\nsays = \"x\"\ntimes = 0",
        3,
        "times: expected 1 to 10000, found 0",
    );
    check_fault(
        "who = \"ann\"\nsays = \"x\"\nin = \"attic\"",
        3,
        "\"attic\" is no channel",
    );
    check_fault(
        "who = \"ann\"\nslash = \"rank\"",
        2,
        "slash: expected /name",
    );
    check_fault(
        "wait = \"soon\"",
        1,
        "wait: expected a duration such as 90s",
    );
    check_fault(
        "wait = \"1s\"\nwho = \"ann\"",
        2,
        "who: expected only in a step with",
    );
    check_fault(
        "wait = \"1s\"\ntimes = 2",
        2,
        "times: expected only in a step with `says`",
    );
    check_fault(
        "wait = \"1s\"\nsays = \"x\"",
        0,
        "expected a step to have one of",
    );
    check_fault(
        "wait = \"1s\"\nexpect = [\"x\"]",
        0,
        "only in a step with `slash`",
    );
    check_fault("who = \"ann\"", 0, "expected a step to have one of");
    check_fault("restart = false", 1, "restart: expected true, found false");
    check_fault("restart = true\nwho = \"ann\"", 2, "who: expected only in");
    check_fault(
        "wait = \"1s\"\nchoose = [\"x\"]",
        2,
        "choose: expected only in a step with `presses`",
    );
    check_fault("who = \"ann\"\npresses = \"\"", 2, "expected a label");
    check_fault(
        "who = \"ann\"\nslash = \"/x\"\nrefused = true\nexpect = [\"x\"]",
        3,
        "expected no answer to be described",
    );
    check_fault("who = \"ann\"\nsays = \"unclosed", 2, "");
}

#[test]
fn every_fault_is_told_and_nothing_that_only_follows_from_one() {
    for (script, expected) in [
        (
            "mood = 1\n[world]\nguild = \"x\"\nowner = \"olivia\"\nmembers = [\"ann\"]\n\
             [[step]]\nwho = \"zoe\"\nsays = \"x\"\ntimes = 0\nin = \"general\"\n\
             [[step]]\nwait = \"soon\"\ntimes = 2\n\
             [[step]]\nwho = \"ann\"\nsays = 7\nshouts = 8\n",
            &[
                (1, "mood"),
                (7, "zoe"),
                (9, "times"),
                (12, "wait"),
                (13, "times"),
                (16, "string"),
                (17, "shouts"),
            ][..],
        ),
        (
            "[world]\nowner = \"olivia\"\nmembers = 7\n[[step]]\nwho = \"ann\"\nsays = \"x\"\n",
            &[(1, "missing field `guild`"), (3, "members")],
        ),
        (
            "[world]\nguild = \"unclosed\nowner = oli via\n",
            &[(2, ""), (3, "")],
        ),
    ] {
        let errors = Script::parse(script).unwrap_err();
        let lines: Vec<_> = errors.iter().map(|error| error.place.line()).collect();
        let expected_lines: Vec<_> = expected.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, expected_lines, "{errors:#?}");
    }
}

#[test]
fn a_fault_in_the_world_is_found_too() {
    for (world, problem) in [
        ("", "missing field `world`"),
        ("[world]\nguild = \"x\"", "missing field `owner`"),
        (
            "[world]\nguild = \" \"\nowner = \"x\"",
            "expected the name of a guild",
        ),
        (
            "[world]\nguild = \"x\"\nowner = \"x\"\nstart = \"now\"",
            "start: expected a time like",
        ),
        (
            "[world]\nguild = \"x\"\nowner = \"x\"\nmood = 1",
            "unknown field `mood`",
        ),
        ("[wrld]", "unknown field `wrld`"),
    ] {
        let errors = Script::parse(world).unwrap_err();
        let mut problems = errors.iter().map(|error| &error.problem);
        assert!(
            problems.any(|it| it.contains(problem)),
            "{world}: {errors:?}"
        );
    }
}

#[test]
fn no_text_makes_the_reader_panic() {
    let whole = format!("{WORLD}[[step]]\nwho = \"ann\"\nsays = \"é\"\n[[step]]\nwait = \"1m\"\n");
    let mut understood = 0;
    let ends = (0..=whole.len()).filter(|end| whole.is_char_boundary(*end));
    for end in ends {
        understood += usize::from(Script::parse(&whole[..end]).is_ok());
        for stray in [
            "\"",
            "[",
            "=",
            "\n",
            "\0",
            "é",
            "99999999999999999999",
            "'''",
        ] {
            let torn = format!("{}{stray}{}", &whole[..end], &whole[end..]);
            understood += usize::from(Script::parse(&torn).is_ok());
        }
    }
    assert!(Script::parse(&whole).is_ok());
    assert!(understood > 1, "some of the torn scripts are still scripts");
}
