//! `cogsmith new` and `cogsmith module new`: what they write and what they refuse. `.ci/project` builds it and runs its tests.

use std::{collections::BTreeSet, fs, path::Path};

use crate::process::{Folder, cogsmith, output};

async fn ended(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let ended = output(cogsmith(folder).args(words)).await;
    let said = [ended.stdout, ended.stderr].concat();
    (ended.status.code(), String::from_utf8(said).unwrap())
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[tokio::test]
async fn a_new_project_has_all_that_a_bot_needs() {
    let folder = Folder::new();
    let (code, said) = ended(folder.path(), &["new", "gadget"]).await;
    assert_eq!(code, Some(0), "{said}");

    let project = folder.path().join("gadget");
    let expected = [
        ".dockerignore",
        ".env.example",
        ".gitignore",
        "Cargo.toml",
        "Dockerfile",
        "README.md",
        "migrations",
        "modules",
        "scripts",
        "src",
    ];
    assert_eq!(names(&project), expected.map(str::to_owned).into());
    let modules = fs::read_to_string(project.join("modules/mod.rs")).unwrap();
    assert!(modules.contains("migrations![\"0001_notes\"]"), "{modules}");
    for path in [
        "Cargo.toml",
        "modules/notes/mod.rs",
        "Dockerfile",
        "scripts/first-day.toml",
    ] {
        let text = fs::read_to_string(project.join(path)).unwrap();
        assert!(
            !text.contains("{{"),
            "{path} has a key that nothing fills: {text}"
        );
    }
}

#[tokio::test]
async fn a_new_module_is_written_and_mounted() {
    let folder = Folder::new();
    ended(folder.path(), &["new", "gadget"]).await;
    let project = folder.path().join("gadget");

    let (code, said) = ended(&project, &["module", "new", "birthday_zones"]).await;

    assert_eq!(code, Some(0), "{said}");
    let modules = fs::read_to_string(project.join("modules/mod.rs")).unwrap();
    for line in [
        "mod birthday_zones;",
        ".with::<birthday_zones::BirthdayZones>()",
        "migrations![\"0001_notes\", \"0002_birthday_zones\"]",
    ] {
        assert!(modules.contains(line), "{line} is missing:\n{modules}");
    }
    let steps = ["0001_notes.sql", "0002_birthday_zones.sql"].map(str::to_owned);
    assert_eq!(
        names(&project.join("migrations/sqlite")),
        steps.clone().into()
    );
    assert_eq!(names(&project.join("migrations/postgres")), steps.into());
}

#[tokio::test]
async fn what_is_there_is_never_overwritten() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("gadget")).unwrap();
    fs::write(folder.path().join("gadget/README.md"), "mine").unwrap();
    let (code, said) = ended(folder.path(), &["new", "gadget"]).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("DIR: found gadget (a folder with files in it), expected"),
        "{said}"
    );
    assert_eq!(
        names(&folder.path().join("gadget")),
        ["README.md".to_owned()].into()
    );

    ended(folder.path(), &["new", "widget"]).await;
    let project = folder.path().join("widget");
    let before = fs::read_to_string(project.join("modules/mod.rs")).unwrap();
    let (code, said) = ended(&project, &["module", "new", "notes"]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("modules/notes/mod.rs"), "{said}");
    assert_eq!(
        fs::read_to_string(project.join("modules/mod.rs")).unwrap(),
        before
    );
    assert_eq!(names(&project.join("migrations/sqlite")).len(), 1);
}

#[tokio::test]
async fn a_name_that_cannot_be_one_is_refused_with_what_is_expected() {
    let folder = Folder::new();
    for (words, expected) in [
        (
            &["new", "Gadget"][..],
            "DIR: found \"Gadget\", expected a folder whose last part can name a package",
        ),
        (&["new", "serenity"], "DIR: found \"serenity\", expected"),
        (
            &["new", "gadget", "--path", "nowhere"],
            "--path: found nowhere, expected a checkout of Cogsmith",
        ),
        (
            &["module", "new", "9lives"],
            "NAME: found \"9lives\", expected 1 to 32 of a-z",
        ),
        (
            &["module", "new", "match"],
            "NAME: found \"match\", expected",
        ),
    ] {
        let (code, said) = ended(folder.path(), words).await;
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(expected), "{expected:?} is missing:\n{said}");
        assert!(names(folder.path()).is_empty(), "{words:?} wrote something");
    }
    let (code, said) = ended(folder.path(), &["module", "new", "birthdays"]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is this the folder of a project"), "{said}");
}
