//! Bodies as they come: JSON, or a form of several parts with files.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, header};
use futures_util::stream;
use multer::Multipart;
use serde_json::{Value, json};

use crate::error_codes::ApiError;

/// Discord refuses larger bodies too.
const BODY_MAX: usize = 25 * 1024 * 1024;

/// A file that came with a request.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// The `n` of `files[n]`.
    pub(crate) number: u64,
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

/// What a body held.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// `null` when there was none.
    pub(crate) json: Value,
    pub(crate) files: Vec<File>,
    pub(crate) is_multipart: bool,
}

/// Reads a whole body.
///
/// # Errors
/// 40005 when it is too large, 50109 when it is no JSON, 50035 for a broken form.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Read, ApiError> {
    let bytes = to_bytes(body, BODY_MAX).await;
    let bytes = bytes.map_err(|_| ApiError::too_large())?;
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if kind.starts_with("multipart/") {
        return form(kind, bytes).await;
    }
    if bytes.is_empty() {
        return Ok(Read::default());
    }
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Err(ApiError::gap("a body of the kind x-www-form-urlencoded"));
    }
    let json = serde_json::from_slice(&bytes).map_err(|_| ApiError::not_json())?;
    Ok(Read {
        json,
        ..Read::default()
    })
}

async fn form(kind: &str, bytes: Bytes) -> Result<Read, ApiError> {
    let broken = |_| ApiError::form(&[], "MULTIPART_INVALID", "Invalid multipart body");
    let boundary = multer::parse_boundary(kind).map_err(broken)?;
    let whole = stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
    let mut form = Multipart::new(whole, boundary);
    let mut read = Read {
        is_multipart: true,
        ..Read::default()
    };
    while let Some(part) = form.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or("").to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let content_type = part.content_type().map(ToString::to_string);
        let bytes = part.bytes().await.map_err(broken)?;
        if name == "payload_json" {
            read.json = serde_json::from_slice(&bytes).map_err(|_| ApiError::not_json())?;
            continue;
        }
        let number = name
            .strip_prefix("files[")
            .and_then(|it| it.strip_suffix(']'));
        let number = match (number, &file_name) {
            (Some(number), _) => number.parse().ok(),
            (None, Some(file_name)) => {
                read.json[&name] = json!(file_name);
                Some(0)
            }
            (None, None) => {
                read.json[&name] = String::from_utf8_lossy(&bytes).into();
                continue;
            }
        };
        let number = number.ok_or_else(|| broken(multer::Error::IncompleteHeaders))?;
        let name = file_name.unwrap_or_else(|| "file".to_owned());
        read.files.push(File {
            number,
            content_type: content_type.unwrap_or_else(|| kind_of(&name).to_owned()),
            name,
            bytes,
        });
    }
    Ok(read)
}

/// The kind of a file by the end of its name.
pub(crate) fn kind_of(name: &str) -> &'static str {
    let end = name.rsplit('.').next().unwrap_or("").to_lowercase();
    match end.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "txt" | "log" => "text/plain; charset=utf-8",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}
