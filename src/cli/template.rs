//! Files that `cogsmith new` and `cogsmith module new` write: all of them, or none.

use std::{fs, io, path::Path};

use anyhow::Context as _;

use crate::error::Result;

/// Values for the `{{keys}}` of templates.
pub(super) type Values<'a> = [(&'a str, &'a str)];

/// A file to be written, below some folder.
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    pub(super) fn of(path: &str, template: &str, values: &Values<'_>) -> Self {
        Self {
            path: filled(path, values),
            text: filled(template, values),
        }
    }
}

fn filled(template: &str, values: &Values<'_>) -> String {
    let fill =
        |text: String, (key, value): &(&str, &str)| text.replace(&format!("{{{{{key}}}}}"), value);
    values.iter().fold(template.to_owned(), fill)
}

/// Writes each file, with the folders it needs. None is overwritten; when one fails, those before it are removed.
///
/// # Errors
/// Names the file that is there already or cannot be written.
pub(super) fn write(folder: &Path, files: &[File]) -> Result<()> {
    for (count, file) in files.iter().enumerate() {
        let path = folder.join(&file.path);
        if let Err(error) = write_new(&path, &file.text) {
            for written in &files[..count] {
                // It was written a moment ago; if it cannot be removed, the error above says more.
                let _ = fs::remove_file(folder.join(&written.path));
            }
            return Err(error).with_context(|| format!("writing {}", path.display()));
        }
    }
    Ok(())
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    io::Write::write_all(&mut fs::File::create_new(path)?, text.as_bytes())
}
