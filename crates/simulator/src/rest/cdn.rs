//! Downloads: attachments, avatars, icons, emojis, by the address that the API gave.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

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

/// Kinds that a browser shows without running any of it; what is of another kind it saves.
const SHOWN: [&str; 8] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "audio/",
    "video/",
    "text/plain",
];

/// The file at a path, or 404. Its kind was said by its uploader and may be no header at all.
pub(crate) fn download(core: &Core, path: &str) -> Response<Body> {
    let Some(upload) = core.read(|world| world.uploads.get(path).cloned()) else {
        let mut missing = Response::new(Body::empty());
        *missing.status_mut() = StatusCode::NOT_FOUND;
        return missing;
    };
    let kind = HeaderValue::from_str(&upload.content_type);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = Response::new(Body::from(upload.bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    if !is_shown(&upload.content_type) {
        let saved = HeaderValue::from_static("attachment");
        headers.insert(header::CONTENT_DISPOSITION, saved);
    }
    response
}

fn is_shown(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or("").trim();
    let kind = kind.to_ascii_lowercase();
    SHOWN.iter().any(|shown| match shown.ends_with('/') {
        true => kind.starts_with(shown),
        false => kind == *shown,
    })
}
