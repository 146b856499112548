//! docs/CONFIGURATION.md: every variable in a table.

use super::{Group, Row, TABLE};

const HEAD: &str = "# Configuration

`cogsmith config` shows what holds and where it comes from; `cogsmith config --page` writes this page.
What is given later wins: the default, `.env`, the environment, a flag such as `--drain-seconds 60`.
A secret has no flag; it may come from a file, as Docker and Kubernetes hand it over.
";

/// The text of docs/CONFIGURATION.md.
#[must_use]
pub fn page() -> String {
    let groups = Group::ALL.map(section);
    format!("{HEAD}{}", groups.concat())
}

fn section(group: Group) -> String {
    let rows = TABLE.iter().filter(|row| row.group == group).map(line);
    let head = "| variable | default | what it does |\n|---|---|---|\n";
    format!("\n## {group}\n\n{head}{}", rows.collect::<String>())
}

fn line(row: &Row) -> String {
    let default = row.default.map(|default| format!("`{default}`"));
    let file = row.file.map(|file| format!(" or `{file}`"));
    format!(
        "| `{}`{} | {} | {} |\n",
        row.name,
        file.unwrap_or_default(),
        default.unwrap_or_default(),
        row.sentence()
    )
}
