//! docs/CONFIGURATION.md: every variable in a table.

use super::{Group, Row, Scope, TABLE};

const HEAD: &str = "# Configuration

`cogsmith config` shows what holds and where it comes from; `cogsmith config --page` writes this page.
What is given later wins: the default, `.env`, the environment, a flag such as `--drain-seconds 60`.
A secret has no flag; it may come from a file, as Docker and Kubernetes hand it over.

## Several bots in one process

`BOTS=alpha,beta` names them: lower-case letters and digits, a letter first, and no word that a variable begins with.
A variable that begins with a bot's name in capitals is that bot's alone and wins over the plain one, wherever that is given:
`ALPHA_DISCORD_TOKEN`, `ALPHA_DISCORD_TOKEN_FILE`, `ALPHA_MODULES`, `BETA_BOT_ACTIVITY`.
Each bot needs a token and a database of its own; of the plain `DATABASE_URL` each takes the file `NAME.db` in its folder, or
the schema `NAME` of its server, which is made when it is missing.
";

/// The text of docs/CONFIGURATION.md.
#[must_use]
pub fn page() -> String {
    let of_process = TABLE.iter().filter(|row| row.scope == Scope::Process);
    let of_process: Vec<_> = of_process.map(|row| format!("`{}`", row.name)).collect();
    let groups = Group::ALL.map(section);
    format!(
        "{HEAD}Of the whole process, and of no bot alone, are {}.\n{}",
        of_process.join(", "),
        groups.concat()
    )
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
