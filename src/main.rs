//! The program: every module, handed to the command line.

use std::process::ExitCode;

// Modules are tested here, outside of the library, where they see no more of it than a project's modules do.
#[cfg(test)]
#[path = "../modules/mod.rs"]
pub mod modules;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cogsmith::cli::run(cogsmith::modules::all())
}
