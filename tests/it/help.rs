//! What is said about how to ask: help, typing errors, completions.

use std::{
    fs::File,
    process::{Output, Stdio},
};

use tokio::process::Command;

use crate::process::{Folder, cogsmith, output};

async fn asked(arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = Folder::new();
    let Output {
        status,
        stdout,
        stderr,
    } = output(cogsmith(folder.path()).args(arguments)).await;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[tokio::test]
async fn with_no_verb_the_verbs_are_shown_on_standard_error() {
    for verb in [&[][..], &["module"]] {
        let (code, said, shown) = asked(verb).await;
        assert_eq!((code, &*said), (Some(2), ""), "{verb:?}");
        assert!(shown.contains("Commands:"), "{shown}");
    }
}

#[tokio::test]
async fn help_that_is_asked_for_is_an_answer_and_ends_with_an_example() {
    let (code, said, _) = asked(&["health", "--help"]).await;
    assert_eq!(code, Some(0));
    let last = said.trim_end().lines().last().unwrap();
    assert_eq!(
        last,
        "  cogsmith health --json --http-address 127.0.0.1:8080"
    );
}

#[tokio::test]
async fn a_typing_error_exits_2_and_names_the_nearest_word() {
    for (typed, nearest) in [
        (&["helth"][..], "'health'"),
        (&["config", "--jsn"], "'--json'"),
        (&["run", "--drain-second", "5"], "'--drain-seconds'"),
    ] {
        let (code, said, shown) = asked(typed).await;
        assert_eq!((code, &*said), (Some(2), ""), "{typed:?}");
        assert!(
            shown.contains("similar") && shown.contains(nearest),
            "{shown}"
        );
    }
}

/// Bash itself loads the script and completes `cogsmith he`.
#[tokio::test]
async fn bash_completes_verbs_and_flags() {
    let (code, script, _) = asked(&["completions", "bash"]).await;
    assert_eq!(code, Some(0));
    for (words, expected) in [
        ("cogsmith he", "health"),
        ("cogsmith health --js", "--json"),
    ] {
        let typed: Vec<_> = words.split(' ').collect();
        let play = format!(
            "{script}\nCOMP_WORDS=({words}); COMP_CWORD={}; COMP_LINE='{words}'\n\
             _cogsmith cogsmith {} {}; printf '%s\n' \"${{COMPREPLY[@]}}\"",
            typed.len() - 1,
            typed[typed.len() - 1],
            typed[typed.len() - 2],
        );
        let mut bash = Command::new("bash");
        let completed = output(bash.args(["--norc", "-c", &play])).await;
        let said = String::from_utf8(completed.stdout).unwrap();
        assert!(said.lines().any(|line| line == expected), "{words}: {said}");
    }
}

#[tokio::test]
async fn other_shells_are_served_and_unknown_ones_refused() {
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        let (code, script, _) = asked(&["completions", shell]).await;
        assert_eq!(code, Some(0), "{shell}");
        assert!(script.contains("health"), "{shell}: {script}");
    }
    let (code, _, shown) = asked(&["completions", "bsh"]).await;
    assert_eq!(code, Some(2));
    assert!(shown.contains("bash"), "{shown}");
}

#[tokio::test]
async fn an_answer_that_could_not_be_written_is_no_success() {
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for words in [
        &["config", "--example"][..],
        &["completions", "bash"],
        &["--help"],
    ] {
        let folder = Folder::new();
        let mut command = cogsmith(folder.path());
        command.args(words).stdout(full()).stderr(Stdio::piped());
        let ended = command.spawn().unwrap().wait_with_output().await.unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{words:?}: {said}");
        assert!(said.contains("writing to standard output"), "{said}");
    }
}
