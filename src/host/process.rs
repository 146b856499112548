//! What the process takes of the machine.

/// Bytes of memory that are in use at present, those that are on disk alone not counted; `None` where the system does
/// not tell. Linux does, in `/proc/self/status`.
pub(super) fn memory() -> Option<u64> {
    resident(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_resident_is_read_from_the_status_of_the_process() {
        let status = "Name:\tcogsmith\nVmRSS:\t   5432 kB\nThreads:\t3\n";
        assert_eq!(resident(status), Some(5_432 * 1_024));
        assert_eq!(resident("VmRSS:\tmuch kB"), None);
        assert_eq!(resident(""), None);
    }
}
