//! `cogsmith new DIR`: a project of one's own, that depends on this library.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    module, out,
    template::{self, File},
};
use crate::{
    config::{Problem, Problems},
    error::Result,
};

/// The module that a new project has.
const FIRST: &str = "notes";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The project's folder, which must not exist or be empty; its last part names the package
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// A checkout of Cogsmith to depend on; left out, the one this program was built in, or else the released crate
    #[arg(long, value_name = "CHECKOUT")]
    path: Option<PathBuf>,
}

pub(super) fn new(arguments: &Arguments) -> Result<()> {
    let folder = &arguments.folder;
    let name = name(folder)?;
    is_free(folder)?;
    let dependency = dependency(arguments.path.as_deref())?;
    template::write(folder, &files(&name, &dependency))?;
    module::add(folder, FIRST)?;
    out::line(format_args!(
        "{0} is there. Try it:\n  cd {0}\n  cargo run -- simulate\n  cargo test\n  cargo run -- module new birthdays",
        folder.display()
    ));
    Ok(())
}

fn files(name: &str, dependency: &str) -> Vec<File> {
    let values = [
        ("name", name),
        ("dependency", dependency),
        ("module", FIRST),
    ];
    [
        ("Cargo.toml", include_str!("template/project/Cargo.toml.in")),
        ("src/main.rs", include_str!("template/project/main.rs.in")),
        (
            "modules/mod.rs",
            include_str!("template/project/modules.rs.in"),
        ),
        (
            "migrations/README.md",
            include_str!("template/project/migrations.md.in"),
        ),
        (
            "scripts/first-day.toml",
            include_str!("template/project/script.toml.in"),
        ),
        ("README.md", include_str!("template/project/README.md.in")),
        ("Dockerfile", include_str!("template/project/Dockerfile.in")),
        (
            ".dockerignore",
            include_str!("template/project/dockerignore.in"),
        ),
        (".gitignore", include_str!("template/project/gitignore.in")),
        (".env.example", include_str!("../../.env.example")),
    ]
    .into_iter()
    .map(|(path, text)| File::of(path, text, &values))
    .collect()
}

/// The package's name.
fn name(folder: &Path) -> Result<String, Problems> {
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
        && !["cogsmith", "poise", "serenity", "test", "tokio"].contains(&&*name);
    if is_name {
        return Ok(name);
    }
    let expected = "a folder whose last part can name a package: a-z, 0-9, - and _, beginning with a letter, \
        and not the name of a crate it uses";
    Err(Problem::quoting("DIR", &folder.display().to_string(), expected).into())
}

fn is_free(folder: &Path) -> Result<(), Problems> {
    let found = match fs::read_dir(folder).map(|mut entries| entries.next()) {
        Ok(None) => return Ok(()),
        Ok(Some(_)) => "a folder with files in it".to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => error.to_string(),
    };
    let found = format!("{} ({found})", folder.display());
    Err(Problem::new(
        "DIR",
        found,
        "a folder that does not exist yet, or is empty",
    )
    .into())
}

/// How the project's `Cargo.toml` names this library.
fn dependency(path: Option<&Path>) -> Result<String> {
    let checkout = match path {
        Some(path) if is_checkout(path) => Some(path.to_owned()),
        Some(path) => {
            let found = path.display().to_string();
            return Err(
                Problems::from(Problem::new("--path", found, "a checkout of Cogsmith")).into(),
            );
        }
        None => own_checkout(),
    };
    let Some(checkout) = checkout else {
        return Ok(format!("version = {:?}", env!("CARGO_PKG_VERSION")));
    };
    let checkout =
        fs::canonicalize(&checkout).with_context(|| format!("finding {}", checkout.display()))?;
    Ok(format!("path = {:?}", checkout.display().to_string()))
}

/// The checkout in whose `target` this program lies.
fn own_checkout() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    program
        .ancestors()
        .find(|folder| is_checkout(folder))
        .map(Path::to_owned)
}

fn is_checkout(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml"));
    manifest.is_ok_and(|text| text.contains("\nname = \"cogsmith\"\n"))
}
