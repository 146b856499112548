//! The first answer to an interaction: the callback.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::rest::call::{Answer, Call};
use crate::rest::commands::check_choice;
use crate::rest::components;
use crate::rest::{fields, form, messages};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::draft::Edit;
use crate::world::interaction::{self, Kind};

/// Discord's callback types.
mod callback {
    pub(super) const MESSAGE: u64 = 4;
    pub(super) const DEFERRED_MESSAGE: u64 = 5;
    pub(super) const DEFERRED_UPDATE: u64 = 6;
    pub(super) const UPDATE: u64 = 7;
    pub(super) const CHOICES: u64 = 8;
    pub(super) const MODAL: u64 = 9;
}

/// 204, or with `with_response` 200 and what became of it.
pub(crate) fn answer(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.id(1)?;
    let open = world.open_interaction(id, call.part(2))?;
    let (kind, source) = (open.kind, open.message);
    let object = fields::object(&call.body, &["type", "data"])?;
    let form = fields::number(object, "type")?.unwrap_or(0);
    let data = object.get("data").unwrap_or(&Value::Null);
    let data_form = form::Form {
        body: data,
        files: &call.files,
    };
    let message = match (form, kind) {
        (callback::MESSAGE, Kind::Command | Kind::Component | Kind::Modal) => {
            let draft = form::webhook_draft(data_form, form::ANSWER_FLAGS, &[]);
            let draft = draft.map_err(|error| error.within("data"))?;
            let answered = world.answer(id, draft);
            Some(answered.map_err(|error| error.within("data"))?)
        }
        (callback::DEFERRED_MESSAGE, Kind::Command | Kind::Component | Kind::Modal) => {
            Some(world.defer(id, data["flags"].as_u64().unwrap_or(0))?)
        }
        (callback::DEFERRED_UPDATE, Kind::Modal) if source.is_none() => {
            world.set_answer(id, interaction::Answer::Acknowledged);
            None
        }
        (callback::DEFERRED_UPDATE, Kind::Component | Kind::Modal) => {
            Some(update(world, id, source, None)?)
        }
        (callback::UPDATE, Kind::Component | Kind::Modal) => {
            let edit = form::edit(data_form).map_err(|error| error.within("data"))?;
            let updated = update(world, id, source, Some(edit));
            Some(updated.map_err(|error| error.within("data"))?)
        }
        (callback::CHOICES, Kind::Autocomplete) => {
            world.set_answer(id, interaction::Answer::Choices(choices(data)?));
            None
        }
        (callback::MODAL, Kind::Command | Kind::Component) => {
            world.set_answer(
                id,
                interaction::Answer::Modal(components::form::form(data)?),
            );
            None
        }
        _ => return Err(wrong_type()),
    };
    if !call.flag("with_response")? {
        return Ok(Answer::nothing());
    }
    Ok(Answer::ok(response(world, id, form, message)?))
}

fn wrong_type() -> ApiError {
    let message = "Value must be one of the callback types that answer this interaction.";
    ApiError::form(&["type"], "BASE_TYPE_CHOICES", message)
}

/// Changes the message whose component was used, now or with a later edit.
fn update(
    world: &mut World,
    id: Snowflake,
    message: Option<Snowflake>,
    edit: Option<Edit>,
) -> Result<Snowflake, ApiError> {
    let message = message.ok_or_else(wrong_type)?;
    world.set_answer(id, interaction::Answer::Update { message });
    if let Some(edit) = edit {
        world.edit_answer(id, message, edit)?;
    }
    Ok(message)
}

fn choices(data: &Value) -> Result<Value, ApiError> {
    let path = ["data", "choices"];
    let choices = data["choices"].as_array();
    let missing = || ApiError::form(&path, "BASE_TYPE_REQUIRED", "This field is required");
    let choices = choices.ok_or_else(missing)?;
    fields::few_enough(choices, 25, &path)?;
    for (index, choice) in choices.iter().enumerate() {
        check_choice(choice, &[path[0], path[1], &index.to_string()])?;
    }
    Ok(data["choices"].clone())
}

fn response(
    world: &World,
    id: Snowflake,
    form: u64,
    message: Option<Snowflake>,
) -> Result<Value, ApiError> {
    let interaction = world.interaction(id)?;
    let about = json!({ "id": id, "type": interaction.kind as u8 });
    let mut shown = json!({ "interaction": about });
    if let Some(message) = message {
        let object = messages::shown(world, interaction.channel, message)?;
        let is_ephemeral = object["flags"].as_u64().unwrap_or(0) & 64 != 0;
        let about = &mut shown["interaction"];
        about["response_message_id"] = json!(message);
        about["response_message_loading"] = json!(form == callback::DEFERRED_MESSAGE);
        about["response_message_ephemeral"] = json!(is_ephemeral);
        // A promise made no message yet; Discord's file has no resource for it.
        if matches!(form, callback::MESSAGE | callback::UPDATE) {
            shown["resource"] = json!({ "type": form, "message": object });
        }
    }
    Ok(shown)
}
