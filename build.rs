//! Rebuilds when a migration is added: `sqlx::migrate!` notices edits, not new files.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
