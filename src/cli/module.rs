//! `cogsmith module`: `list`, `enable` and `disable` switch those of the bot; `new NAME` writes a module with command,
//! task, table and test into the project that it is called in.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Context as _;

use serenity::model::id::GuildId;

use super::{
    asking::tell,
    flags::Flags,
    mounting::{is_mounted, mounted},
    name::{check_module, type_name},
    new::is_checkout,
    out,
    settings::Settings,
    task::Why,
    template::{self, File},
};
use crate::{
    admin::{ModuleRequest, What, Wish},
    config::Problem,
    error::Result,
    module::Modules,
};

const LIST: &str = "modules/mod.rs";

const NEW: &str = "\
Example:
  cogsmith module new birthdays";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cogsmith module list\n  cogsmith module new birthdays")]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    pub(super) flags: Flags,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// List every module, and whether it is on
    #[command(after_help = "Example:\n  cogsmith module list --guild 123456789012345678 --json")]
    List {
        #[command(flatten)]
        at: At,
    },
    /// Switch a module on, or try again to load one that could not be loaded
    #[command(after_help = "Example:\n  cogsmith module enable welcome")]
    Enable(Switch),
    /// Switch a module off; what it has stored stays
    #[command(after_help = "Example:\n  cogsmith module disable welcome --reason 'too loud'")]
    Disable(Switch),
    /// Write a module with a command, a task, a table and a test into this project
    #[command(after_help = NEW)]
    New {
        /// Its name, which is its folder, its command and the prefix of its tables: a-z, 0-9 and _
        name: String,
    },
}

#[derive(Debug, clap::Args)]
struct At {
    /// In the server of this id; everywhere when left out
    #[arg(long, value_name = "ID")]
    guild: Option<GuildId>,
    /// Answer with JSON, for machines
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Switch {
    /// Which module
    name: String,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    why: Why,
}

impl Arguments {
    /// All but what changes the project in this folder.
    pub(super) fn asks_a_bot(&self) -> bool {
        !matches!(self.verb, Verb::New { .. })
    }
}

pub(super) async fn module(
    arguments: Arguments,
    settings: Settings,
    modules: Modules,
) -> Result<()> {
    let (request, reason, json) = match arguments.verb {
        Verb::New { name } => return new(&name),
        Verb::List { at } => (ModuleRequest::List { guild: at.guild }, None, at.json),
        Verb::Enable(switch) => switch.request(true),
        Verb::Disable(switch) => switch.request(false),
    };
    let wish = Wish {
        what: What::Module(request),
        reason,
    };
    tell(settings, modules, &wish, json).await
}

impl Switch {
    fn request(self, is_on: bool) -> (ModuleRequest, Option<String>, bool) {
        let request = ModuleRequest::Switch {
            name: self.name,
            guild: self.at.guild,
            is_on,
        };
        (request, self.why.reason, self.at.json)
    }
}

fn new(name: &str) -> Result<()> {
    add(Path::new("."), name)?;
    out::line(format_args!(
        "modules/{name}/ is there, with its command /{name}, a task, a table and a test. `cargo test` plays it."
    ))?;
    Ok(())
}

/// Writes a module into the project at `root`, and mounts it.
///
/// # Errors
/// The name cannot be one, or something stands in the way; nothing is changed then.
pub(super) fn add(root: &Path, name: &str) -> Result<()> {
    check_module(name)?;
    let list = root.join(LIST);
    let modules = fs::read_to_string(&list);
    let modules = modules.with_context(|| {
        format!(
            "reading {}: is this the folder of a project, with its Cargo.toml?",
            list.display()
        )
    })?;
    is_free(root, name, &modules)?;
    let migration = format!("{:04}_{name}", next_migration(root)?);
    // Its own migrations are found without a list.
    let listed = (!is_checkout(root)).then_some(&*migration);
    let modules = mounted(&modules, name, &type_name(name), listed).with_context(|| {
        let list = list.display();
        format!("{list} has no place for a module: `Modules::default()` and `cogsmith::migrations![]` were expected")
    })?;
    let files = files(name, &migration);
    template::write(root, &files)?;
    fs::write(&list, modules).with_context(|| format!("writing {}", list.display()))?;
    format(root, &files);
    Ok(())
}

fn is_free(root: &Path, name: &str, modules: &str) -> Result<(), Problem> {
    let places = [format!("modules/{name}.rs"), format!("modules/{name}")];
    let there = places.into_iter().find(|place| root.join(place).exists());
    let mounted = || is_mounted(modules, name).then(|| format!("`mod {name}` in {LIST}"));
    match there.or_else(mounted) {
        Some(there) => {
            let expected = format!("a name that is free, and {there} is there");
            Err(Problem::quoting("NAME", name, expected))
        }
        None => Ok(()),
    }
}

/// How lines break depends on the length of the name. Without rustfmt the code is right all the same.
fn format(root: &Path, files: &[File]) {
    let sources = files.iter().filter(|file| file.path.ends_with(".rs"));
    let paths = sources.map(|file| root.join(&file.path));
    let mut rustfmt = Command::new("rustfmt");
    rustfmt
        .args(["--edition", "2024"])
        .args(paths)
        .arg(root.join(LIST));
    let _ = rustfmt.stdout(Stdio::null()).stderr(Stdio::null()).status();
}

fn files(name: &str, migration: &str) -> Vec<File> {
    let type_name = type_name(name);
    let values = [
        ("name", name),
        ("Name", &*type_name),
        ("migration", migration),
    ];
    [
        (
            "modules/{{name}}/mod.rs",
            include_str!("template/module/mod.rs.in"),
        ),
        (
            "modules/{{name}}/commands.rs",
            include_str!("template/module/commands.rs.in"),
        ),
        (
            "modules/{{name}}/store.rs",
            include_str!("template/module/store.rs.in"),
        ),
        (
            "modules/{{name}}/stored.rs",
            include_str!("template/module/stored.rs.in"),
        ),
        (
            "modules/{{name}}/tests.rs",
            include_str!("template/module/tests.rs.in"),
        ),
        (
            "migrations/sqlite/{{migration}}.sql",
            include_str!("template/module/sqlite.sql.in"),
        ),
        (
            "migrations/postgres/{{migration}}.sql",
            include_str!("template/module/postgres.sql.in"),
        ),
    ]
    .into_iter()
    .map(|(path, text)| File::of(path, text, &values))
    .collect()
}

/// The number after the highest of the project's migrations.
fn next_migration(root: &Path) -> Result<u32> {
    let folder = root.join("migrations/sqlite");
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(1),
        Err(error) => return Err(error).with_context(|| format!("reading {}", folder.display())),
    };
    let mut highest = 0;
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let number = name
            .split('_')
            .next()
            .and_then(|number| number.parse().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest + 1)
}
