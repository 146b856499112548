//! Files that were uploaded, and where they can be downloaded.

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::rest::body::File;
use crate::snowflake::{Snowflake, mix};
use crate::world::World;

/// A file under an address of its own.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

/// A file of a message.
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    pub(crate) id: Snowflake,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// Part of the address after the host.
    pub(crate) path: String,
    pub(crate) content_type: String,
    pub(crate) size: usize,
    /// Width and height of an image.
    pub(crate) dimensions: Option<(u32, u32)>,
    pub(crate) is_ephemeral: bool,
}

/// A file that is about to become an attachment.
#[derive(Clone, Debug)]
pub(crate) struct NewFile {
    pub(crate) file: File,
    pub(crate) description: Option<String>,
}

impl World {
    /// Keeps a file of a message.
    pub(crate) fn attach(
        &mut self,
        channel: Snowflake,
        new: NewFile,
        ephemeral: bool,
    ) -> Attachment {
        let id = self.next_id();
        let name = plain(&new.file.name);
        let folder = if ephemeral {
            "ephemeral-attachments"
        } else {
            "attachments"
        };
        let path = format!("/{folder}/{channel}/{id}/{name}");
        let attachment = Attachment {
            id,
            description: new.description,
            content_type: new.file.content_type.clone(),
            size: new.file.bytes.len(),
            dimensions: dimensions(&new.file.bytes),
            path: path.clone(),
            name,
            is_ephemeral: ephemeral,
        };
        self.keep_upload(path, new.file.content_type, new.file.bytes);
        attachment
    }

    /// Keeps an image under a hash of its content, as `/{kind}/{owner}/{hash}.png`; gives the hash.
    pub(crate) fn keep_image(&mut self, kind: &str, owner: Snowflake, image: &Image) -> String {
        let spread = image
            .bytes
            .iter()
            .fold(owner.get(), |sum, byte| mix(sum ^ u64::from(*byte)));
        let hash = format!("{spread:016x}{:016x}", mix(spread));
        let end = image.content_type.rsplit('/').next().unwrap_or("png");
        let path = format!("/{kind}/{owner}/{hash}.{end}");
        self.keep_upload(path, image.content_type.clone(), image.bytes.clone());
        hash
    }

    /// Keeps a file under an address.
    pub(crate) fn keep_upload(&mut self, path: String, content_type: String, bytes: Bytes) {
        self.uploads.insert(
            path,
            Upload {
                content_type,
                bytes,
            },
        );
    }

    pub(crate) fn attachment(&self, it: &Attachment) -> Value {
        let url = format!("{}{}", self.base_url, it.path);
        let mut object = json!({
            "id": it.id,
            "filename": it.name,
            "size": it.size,
            "url": url,
            "proxy_url": url,
            "content_type": it.content_type,
        });
        if let Some(description) = &it.description {
            object["description"] = json!(description);
        }
        if let Some((width, height)) = it.dimensions {
            object["width"] = json!(width);
            object["height"] = json!(height);
        }
        if it.is_ephemeral {
            object["ephemeral"] = json!(true);
        }
        object
    }
}

/// An image that came as a data URI.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

impl Image {
    /// Reads `data:image/png;base64,...`. What the bytes say they are counts for more than what
    /// stands before them: discord.js calls every image `image/jpg`.
    pub(crate) fn parse(uri: &str) -> Option<Self> {
        use base64::Engine;
        let (kind, data) = uri.strip_prefix("data:")?.split_once(";base64,")?;
        let kind = match kind {
            "image/jpg" => "image/jpeg",
            kind => kind,
        };
        let known = ["image/png", "image/jpeg", "image/gif", "image/webp"];
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(data)
            .ok()?;
        known.contains(&kind).then(|| Self {
            content_type: kind_of(&bytes).unwrap_or(kind).to_owned(),
            bytes: bytes.into(),
        })
    }
}

/// The kind of an image by its first bytes.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        _ => None,
    }
}

/// The name as it stands in the address: what could mean something else there becomes `_`.
fn plain(name: &str) -> String {
    let fits = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    name.chars()
        .map(|it| if fits(it) { it } else { '_' })
        .collect()
}

/// Width and height as PNG and GIF say them in their first bytes.
fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let wide = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let short =
        |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?).into());
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((wide(16)?, wide(20)?));
    }
    if bytes.starts_with(b"GIF8") {
        return Some((short(6)?, short(8)?));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_plain() {
        assert_eq!(plain("a b/../ü.PNG"), "a_b_.._ _.PNG".replace(' ', ""));
    }

    #[test]
    fn an_image_is_what_its_bytes_say() {
        let kind = |uri: &str| Image::parse(uri).map(|it| it.content_type);
        for (uri, expected) in [
            ("data:image/jpg;base64,iVBORw0KGgo=", Some("image/png")),
            ("data:image/jpg;base64,R0lGODlh", Some("image/gif")),
            ("data:image/png;base64,/9j/", Some("image/jpeg")),
            ("data:image/png;base64,UklGRgAAAABXRUJQ", Some("image/webp")),
            ("data:image/jpg;base64,AAAA", Some("image/jpeg")),
            ("data:image/bmp;base64,AAAA", None),
            ("data:image/png;base64,?", None),
        ] {
            assert_eq!(kind(uri).as_deref(), expected, "{uri}");
        }
    }

    #[test]
    fn images_tell_their_size() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 1, 0, 0, 0, 0, 2]);
        assert_eq!(dimensions(&png), Some((256, 2)));
        assert_eq!(dimensions(b"GIF89a\x03\0\x04\0"), Some((3, 4)));
        assert_eq!(dimensions(b"\x89PNG"), None);
        assert_eq!(dimensions(b""), None);
    }

    #[test]
    fn only_images_are_images() {
        assert!(Image::parse("data:image/png;base64,aGk=").is_some());
        assert!(Image::parse("data:text/plain;base64,aGk=").is_none());
        assert!(Image::parse("data:image/png;base64,?").is_none());
    }
}
