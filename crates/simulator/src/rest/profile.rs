//! How an application presents itself, its emojis, and what it asks of linked roles.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::rest::call::{Answer, Call};
use crate::rest::emojis::{check_name, image_of};
use crate::rest::fields::{self, Rule};
use crate::world::World;
use crate::world::upload::{Image, NewFile};

const EMOJIS_MAX: usize = 2000;
const CONNECTIONS_MAX: usize = 5;

const RULES: &[(&str, Rule)] = &[
    ("description", Rule::Text(0, 400)),
    ("icon", Rule::Image),
    ("cover_image", Rule::Image),
    ("tags", Rule::Any),
    ("custom_install_url", Rule::Text(0, 2048)),
    ("install_params", Rule::Any),
    ("integration_types_config", Rule::Any),
    ("role_connections_verification_url", Rule::Text(0, 2048)),
];

/// Whether the path names the actor's own application, or `@me`.
///
/// # Errors
/// 10002 when it is another's.
fn own(world: &World, call: &Call) -> Result<(), ApiError> {
    match call.user(1)? == world.application.id {
        true => Ok(()),
        false => Err(ApiError::unknown_application()),
    }
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    Ok(Answer::ok(payload::application::application(world)))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    let mut body = fields::checked(&call.body, RULES)?;
    check_tags(fields::list(&body, "tags")?.unwrap_or_default())?;
    let id = world.application.id;
    for (key, folder) in [("icon", "app-icons"), ("cover_image", "app-icons")] {
        let image = body.get(key).and_then(Value::as_str).and_then(Image::parse);
        if let Some(image) = image {
            body.insert(key.to_owned(), json!(world.keep_image(folder, id, &image)));
        }
    }
    let settings = &mut world.profile_mut().settings;
    for (key, value) in body {
        match value {
            Value::Null => drop(settings.remove(&key)),
            value => drop(settings.insert(key, value)),
        }
    }
    read(world, call)
}

fn check_tags(tags: &[Value]) -> Result<(), ApiError> {
    fields::few_enough(tags, 5, &["tags"])?;
    for (index, tag) in tags.iter().enumerate() {
        let text = tag.as_str().unwrap_or("");
        fields::short_enough(text, 20, &["tags", &index.to_string()])?;
    }
    Ok(())
}

pub(crate) fn emojis(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    let emojis = world
        .profile()
        .into_iter()
        .flat_map(|it| it.emojis.values());
    let emojis: Vec<_> = emojis.map(|it| world.emoji(it)).collect();
    Ok(Answer::ok(json!({ "items": emojis })))
}

pub(crate) fn read_emoji(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    let emoji = world.application_emoji(call.id(3)?)?;
    Ok(Answer::ok(world.emoji(emoji)))
}

pub(crate) fn create_emoji(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    let rules = [("name", Rule::Text(2, 32)), ("image", Rule::Image)];
    let body = fields::checked(&call.body, &rules)?;
    let name = fields::required(&body, "name")?.as_str().unwrap_or("");
    check_name(name)?;
    let image = image_of(&body)?;
    if world.profile_mut().emojis.len() >= EMOJIS_MAX {
        return Err(ApiError::too_many_emojis());
    }
    Ok(Answer::created(
        world.add_application_emoji(name.to_owned(), &image),
    ))
}

pub(crate) fn edit_emoji(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    let id = world.application_emoji(call.id(3)?)?.id;
    let body = fields::checked(&call.body, &[("name", Rule::Text(2, 32))])?;
    let name = fields::string(&body, "name")?;
    name.map_or(Ok(()), check_name)?;
    if let Some(emoji) = world.profile_mut().emojis.get_mut(&id)
        && let Some(name) = name
    {
        name.clone_into(&mut emoji.name);
    }
    read_emoji(world, call)
}

pub(crate) fn delete_emoji(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    let id = world.application_emoji(call.id(3)?)?.id;
    world.profile_mut().emojis.remove(&id);
    Ok(Answer::nothing())
}

/// Keeps a file of an activity, to be shown elsewhere.
pub(crate) fn attach(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    let [file] = &call.files[..] else {
        return Err(ApiError::form(
            &["file"],
            "BASE_TYPE_REQUIRED",
            "This field is required",
        ));
    };
    let new = NewFile {
        file: file.clone(),
        description: None,
    };
    let attachment = world.attach(world.application.id, new, true);
    Ok(Answer::ok(
        json!({ "attachment": world.attachment(&attachment) }),
    ))
}

/// What a linked role can ask for.
pub(crate) fn connections(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    let connections = world.profile().map(|it| it.connections.clone());
    Ok(Answer::ok(connections.unwrap_or_default()))
}

pub(crate) fn set_connections(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    let Some(items) = call.body.as_array() else {
        let message = "Only iterables may be used in a ListType";
        return Err(ApiError::form(&[], "LIST_TYPE_CONVERT", message));
    };
    fields::few_enough(items, CONNECTIONS_MAX, &[])?;
    for (index, item) in items.iter().enumerate() {
        let index = index.to_string();
        let rules = [
            ("type", Rule::OneOf(&[1, 2, 3, 4, 5, 6, 7, 8])),
            ("key", Rule::Text(1, 50)),
            ("name", Rule::Text(1, 100)),
            ("name_localizations", Rule::Any),
            ("description", Rule::Text(1, 200)),
            ("description_localizations", Rule::Any),
        ];
        let item = fields::checked_at(&[&index], item, &rules)?;
        for key in ["type", "key", "name", "description"] {
            fields::required_at(&[&index], &item, key)?;
        }
    }
    world.profile_mut().connections.clone_from(items);
    connections(world, call)
}
