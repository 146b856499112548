//! Templates of guilds.

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::world::World;
use crate::world::template::Template;

const RULES: [(&str, Rule); 2] = [
    ("name", Rule::Text(1, 100)),
    ("description", Rule::Text(0, 120)),
];

/// Whoever knows the code may read it.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let template = world.template(call.part(2))?;
    Ok(Answer::ok(world.template_object(template)))
}

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?.id;
    let templates = world.templates.values().filter(|it| it.guild == guild);
    let templates = templates.map(|it| world.template_object(it));
    Ok(Answer::ok(templates.collect::<Vec<Value>>()))
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?.id;
    let body = fields::checked(&call.body, &RULES)?;
    let name = fields::required(&body, "name")?.as_str().unwrap_or("");
    let description = fields::string(&body, "description")?;
    if world.templates.values().any(|it| it.guild == guild) {
        return Err(ApiError::template_exists());
    }
    let code = world.make_template(guild, name, description, call.actor);
    Ok(Answer::ok(world.template_object(world.template(&code)?)))
}

/// The template of the path, when the actor manages its guild.
fn governed<'a>(world: &'a World, call: &Call) -> Result<&'a Template, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?.id;
    let template = world.template(call.part(3))?;
    match template.guild == guild {
        true => Ok(template),
        false => Err(ApiError::unknown_template()),
    }
}

pub(crate) fn sync(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let code = governed(world, call)?.code.clone();
    world.sync_template(&code);
    Ok(Answer::ok(world.template_object(world.template(&code)?)))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let code = governed(world, call)?.code.clone();
    let body = fields::checked(&call.body, &RULES)?;
    if let Some(template) = world.templates.get_mut(&code) {
        if let Some(name) = fields::string(&body, "name")? {
            name.clone_into(&mut template.name);
        }
        if body.contains_key("description") {
            let description = fields::string(&body, "description")?;
            template.description = description.map(str::to_owned);
        }
    }
    Ok(Answer::ok(world.template_object(world.template(&code)?)))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let template = governed(world, call)?;
    let (code, object) = (template.code.clone(), world.template_object(template));
    world.templates.remove(&code);
    Ok(Answer::ok(object))
}
