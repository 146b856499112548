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
    assert!(
        modules.contains(".with::<Steward>()\n        .with::<Help>()"),
        "{modules}"
    );
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
    fs::write(project.join("modules/flat.rs"), "mine").unwrap();
    let list = project.join("modules/mod.rs");
    let before = fs::read_to_string(&list).unwrap() + "mod elsewhere {}\n";
    fs::write(&list, &before).unwrap();
    for (name, there) in [
        ("notes", "modules/notes"),
        ("flat", "modules/flat.rs"),
        ("elsewhere", "`mod elsewhere` in modules/mod.rs"),
    ] {
        let (code, said) = ended(&project, &["module", "new", name]).await;
        assert_eq!(code, Some(2), "{said}");
        let expected = format!("NAME: found \"{name}\", expected a name that is free, and {there}");
        assert!(said.contains(&expected), "{said}");
    }
    assert_eq!(fs::read_to_string(&list).unwrap(), before);
    assert_eq!(names(&project.join("migrations/sqlite")).len(), 1);
}

#[tokio::test]
async fn a_module_without_a_list_of_migrations_is_refused() {
    let folder = Folder::new();
    ended(folder.path(), &["new", "gadget"]).await;
    let project = folder.path().join("gadget");
    let list = project.join("modules/mod.rs");
    let lines = fs::read_to_string(&list).unwrap();
    let without: Vec<_> = lines.lines().filter(|it| !it.contains("migr")).collect();
    fs::write(&list, without.join("\n")).unwrap();

    let (code, said) = ended(&project, &["module", "new", "birthdays"]).await;

    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("`cogsmith::migrations![]` were expected"),
        "{said}"
    );
    assert!(!names(&project.join("modules")).contains("birthdays"));
}

#[tokio::test]
async fn a_folder_that_is_there_may_become_a_project() {
    let folder = Folder::new();
    let project = folder.path().join("my folder/gadget");
    fs::create_dir_all(project.join(".git")).unwrap();

    let (code, said) = ended(&project, &["new", "."]).await;

    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("cd "), "{said}");
    let manifest = fs::read_to_string(project.join("Cargo.toml")).unwrap();
    assert!(manifest.contains("name = \"gadget\""), "{manifest}");
    let (_, said) = ended(folder.path(), &["new", "my folder/widget"]).await;
    assert!(said.contains("\n  cd 'my folder/widget'\n"), "{said}");
}

/// What modules are written with, they find in a project too, in the versions that the library has.
#[tokio::test]
async fn a_project_has_the_crates_that_modules_use() {
    let folder = Folder::new();
    ended(folder.path(), &["new", "gadget"]).await;
    let project = fs::read_to_string(folder.path().join("gadget/Cargo.toml")).unwrap();
    let own = include_str!("../../Cargo.toml");
    for line in section(&project, "dependencies").filter(|line| !line.starts_with("cogsmith = ")) {
        let (name, version) = (line.split(' ').next().unwrap(), version(line));
        let same =
            |own: &str| own.starts_with(&format!("{name} = ")) && self::version(own) == version;
        assert!(
            own.lines().any(same),
            "{line}: the library has another version"
        );
    }
    let modules = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("modules"));
    let used = section(own, "dependencies").filter_map(|line| line.split(['.', ' ']).next());
    // What one module alone stands on is its own business; the prelude brings clap.
    let used =
        used.filter(|name| !["clap", "csv", "hashbrown", "rand", "thiserror"].contains(name));
    for name in used {
        let path = format!("{}::", name.replace('-', "_"));
        let is_used = modules.match_indices(&path).any(|(at, _)| {
            let before = modules[..at].chars().next_back().unwrap_or(' ');
            !before.is_alphanumeric() && !"_:".contains(before)
        });
        let is_there = project.contains(&format!("\n{name} = "));
        assert!(
            is_there || !is_used,
            "modules/ uses {name}, and a project does not have it"
        );
    }
}

/// The lines of a section of a `Cargo.toml`.
fn section<'t>(manifest: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    let begin = format!("[{name}]");
    let mut lines = manifest.lines().skip_while(move |line| *line != begin);
    lines.next();
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines.filter(|line| line.contains('=') && !line.starts_with('#'))
}

fn version(line: &str) -> &str {
    line.split('"').nth(1).unwrap_or_default()
}

fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let texts = entries.map(|path| match path.is_dir() {
        true => sources(&path),
        false => fs::read_to_string(path).unwrap(),
    });
    texts.collect()
}

/// `.ci/project` builds a project with modules of awkward names.
#[tokio::test]
async fn awkward_names_are_refused_by_what_they_are() {
    let folder = Folder::new();
    for (names, expected) in [
        ("fn match self gen", "a word of Rust"),
        (
            "cogsmith serenity poise std core alloc test proc_macro proc-macro chrono-tz",
            "a crate that the project uses",
        ),
        ("build deps examples incremental", "a folder of cargo's"),
        (
            "Gadget 9lives a--b a_ -x _x ü",
            "a folder whose last part can name a package",
        ),
    ] {
        for name in names.split(' ') {
            refused(folder.path(), &["new", "--", name], "DIR", expected).await;
        }
    }
    for (names, expected) in [
        ("match async gen box", "a word of Rust"),
        (
            "store stored commands tests modules",
            "a file or folder that modules have",
        ),
        (
            "help task data settings module steward cogsmith rank total presence",
            "a module or command of Cogsmith's own",
        ),
        ("sqlite sqlite_x", "a name that tables may begin with"),
        (
            "9lives Ranks a-b a__b self_ _x ü abcdefghijklmnopqrstuvwxyz_123456",
            "1 to 32 of a-z",
        ),
    ] {
        let built_in = cogsmith::modules::all().names().join(" ");
        let names = match expected {
            "a module or command of Cogsmith's own" => format!("{names} {built_in}"),
            _ => names.to_owned(),
        };
        for name in names.split(' ') {
            refused(
                folder.path(),
                &["module", "new", "--", name],
                "NAME",
                expected,
            )
            .await;
        }
    }
}

async fn refused(folder: &Path, words: &[&str], argument: &str, expected: &str) {
    let (code, said) = ended(folder, words).await;
    assert_eq!(code, Some(2), "{words:?}: {said}");
    let name = words[words.len() - 1];
    let found = format!("{argument}: found \"{name}\", expected ");
    assert!(
        said.contains(&found) && said.contains(expected),
        "{words:?}: {said}"
    );
    assert!(!said.contains("configuration"), "{said}");
    assert!(names(folder).is_empty(), "{words:?} wrote something");
}

#[tokio::test]
async fn no_project_is_written_beside_no_library_and_no_module_beside_no_project() {
    let folder = Folder::new();
    let (code, said) = ended(folder.path(), &["new", "gadget", "--path", "nowhere"]).await;
    assert_eq!(code, Some(2), "{said}");
    let expected = "--path: found nowhere, expected a checkout of Cogsmith";
    assert!(said.contains(expected), "{said}");

    let (code, said) = ended(folder.path(), &["module", "new", "birthdays"]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is this the folder of a project"), "{said}");
    assert!(names(folder.path()).is_empty());
}
