//! `cogsmith completions SHELL`: what a shell needs to complete verbs and flags.

use clap_complete::Shell;

use super::{help, out};
use crate::error::Result;

const EXAMPLES: &str = "\
Examples:
  cogsmith completions bash > ~/.local/share/bash-completion/completions/cogsmith
  cogsmith completions fish > ~/.config/fish/completions/cogsmith.fish";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The shell that is to complete
    shell: Shell,
}

pub(super) fn completions(arguments: &Arguments) -> Result<()> {
    let mut script = Vec::new();
    let (mut command, program) = (help::command(), help::program());
    clap_complete::generate(arguments.shell, &mut command, program, &mut script);
    out::text(String::from_utf8_lossy(&script))
}
