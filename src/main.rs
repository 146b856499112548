//! Mounts `modules/` and hands them to the library.

use std::process::ExitCode;

#[path = "../modules/mod.rs"]
mod modules;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cogsmith::cli::run(modules::all())
}
