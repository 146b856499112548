//! Downloads: attachments, avatars, icons, emojis, by the address that the API gave.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};

use crate::core::Core;

const FOLDERS: [&str; 6] = [
    "/attachments/",
    "/ephemeral-attachments/",
    "/avatars/",
    "/icons/",
    "/emojis/",
    "/guild-events/",
];

/// Whether a path is one of downloads.
pub(crate) fn is_download(path: &str) -> bool {
    FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// The file at a path, or 404.
pub(crate) fn download(core: &Core, path: &str) -> Response<Body> {
    let found = core.read(|world| world.uploads.get(path).cloned());
    let response = match found {
        Some(upload) => Response::builder()
            .header(header::CONTENT_TYPE, upload.content_type)
            .body(Body::from(upload.bytes)),
        None => Response::builder()
            .status(StatusCode::NOT_FOUND)
            .body(Body::empty()),
    };
    // The kind of a file comes from its uploader and may be no header at all.
    response.unwrap_or_else(|_| Response::new(Body::empty()))
}
