//! Whether there is room where the database grows.

use std::path::Path;

use super::finding::Finding;
use crate::config::DatabaseUrl;

const SUBJECT: &str = "disk";
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// In bytes.
const LITTLE: u64 = GIB;
const HARDLY_ANY: u64 = 100 * MIB;

/// PostgreSQL's disk is another machine's, and is not looked at.
pub(super) fn look(url: &DatabaseUrl) -> Option<Finding> {
    let DatabaseUrl::Sqlite(path) = url else {
        return None;
    };
    // A folder that is not there yet is made below one that is.
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir());
    let folder = folder.unwrap_or(Path::new("."));
    Some(match free(folder) {
        Ok(free) => judge(folder, free),
        Err(error) => {
            let text = format!("{}: {error}", folder.display());
            Finding::warning(SUBJECT, text, "see whether the folder can be reached")
        }
    })
}

#[cfg(unix)]
fn free(folder: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn judge(folder: &Path, free: u64) -> Finding {
    let place = folder.display();
    let text = match free >= GIB {
        true => format!("{} GiB free at {place}", free / GIB),
        false => format!("{} MiB free at {place}", free / MIB),
    };
    let advice = "make room: on a full disk nothing is written";
    match free {
        ..HARDLY_ANY => Finding::problem(SUBJECT, text, advice),
        HARDLY_ANY..LITTLE => Finding::warning(SUBJECT, text, advice),
        LITTLE.. => Finding::ok(SUBJECT, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_judged_by_what_is_free() {
        let advice = "make room: on a full disk nothing is written";
        for (free, expected) in [
            (0, Finding::problem(SUBJECT, "0 MiB free at data", advice)),
            (
                99 * MIB,
                Finding::problem(SUBJECT, "99 MiB free at data", advice),
            ),
            (
                100 * MIB,
                Finding::warning(SUBJECT, "100 MiB free at data", advice),
            ),
            (3 * GIB, Finding::ok(SUBJECT, "3 GiB free at data")),
        ] {
            assert_eq!(judge(Path::new("data"), free), expected);
        }
    }
}
