//! How memory is asked of the system.

/// Asks for ordinary pages only. A bot's heap is small and scattered, so that huge pages are mostly empty
/// and yet resident. Where the kernel knows no such setting, nothing changes.
pub(super) fn refuse_huge_pages() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
