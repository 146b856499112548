//! `cogsmith new DIR`: a project of one's own, that depends on this library.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    module,
    name::check_package,
    out,
    template::{self, File},
};
use crate::{config::Problem, error::Result};

/// The module that a new project has.
const FIRST: &str = "notes";

const EXAMPLES: &str = "\
Example:
  cogsmith new ../gadget";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The project's folder, which must not exist or be empty but for .git; its last part names the package
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// A checkout of Cogsmith to depend on; left out, the one this program was built of, or else the released crate
    #[arg(long, value_name = "CHECKOUT")]
    path: Option<PathBuf>,
}

pub(super) fn new(arguments: &Arguments) -> Result<()> {
    let folder = &arguments.folder;
    let name = name(folder);
    check_package(&name)?;
    is_free(folder)?;
    let dependency = dependency(arguments.path.as_deref())?;
    template::write(folder, &files(&name, &dependency))?;
    module::add(folder, FIRST)?;
    out::line(format_args!("The project {name} is there. Try it:"))?;
    if folder.canonicalize()? != std::env::current_dir()?.canonicalize()? {
        out::line(format_args!("  cd {}", quoted(folder)))?;
    }
    out::line("  cargo run -- simulate\n  cargo test\n  cargo run -- module new birthdays")?;
    Ok(())
}

/// As a shell reads it.
fn quoted(folder: &Path) -> String {
    let text = folder.display().to_string();
    match text
        .chars()
        .all(|c| c.is_alphanumeric() || "/._-".contains(c))
    {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
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

/// The package's name: the last part of the folder, which may be given as `.`.
fn name(folder: &Path) -> String {
    let whole = match folder.file_name() {
        Some(_) => folder.to_owned(),
        None => folder.canonicalize().unwrap_or_default(),
    };
    let name = whole.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into_owned()
}

fn is_free(folder: &Path) -> Result<(), Problem> {
    let found = match fs::read_dir(folder) {
        Ok(entries) => {
            let mut entries = entries.flatten();
            if entries.all(|entry| entry.file_name() == ".git") {
                return Ok(());
            }
            "a folder with files in it".to_owned()
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => error.to_string(),
    };
    let found = format!("{} ({found})", folder.display());
    let expected = "a folder that does not exist yet, or is empty but for .git";
    Err(Problem::new("DIR", found, expected))
}

/// How the project's `Cargo.toml` names this library.
fn dependency(path: Option<&Path>) -> Result<String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checkout = match path {
        Some(path) if is_checkout(path) => path,
        Some(path) => {
            let found = path.display().to_string();
            return Err(Problem::new("--path", found, "a checkout of Cogsmith").into());
        }
        None if is_checkout(own) => own,
        None => return Ok(format!("version = {:?}", env!("CARGO_PKG_VERSION"))),
    };
    let checkout = fs::canonicalize(checkout)?;
    let Some(path) = checkout.to_str() else {
        let found = checkout.display().to_string();
        return Err(Problem::new("--path", found, "a path in UTF-8").into());
    };
    // What JSON escapes, TOML reads.
    Ok(format!("path = {}", serde_json::to_string(path)?))
}

/// Whether that is this library's source, and not as cargo unpacks what was released.
pub(super) fn is_checkout(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml"));
    manifest.is_ok_and(|text| text.contains("\nname = \"cogsmith\"\n"))
        && !folder.join("Cargo.toml.orig").exists()
}
