//! What people and guilds have of what an application sells. Only test entitlements are given here;
//! there is no shop.

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::profile::Entitlement;

fn own(world: &World, call: &Call) -> Result<Snowflake, ApiError> {
    match call.id(1)? == world.application.id {
        true => Ok(world.application.id),
        false => Err(ApiError::unknown_application()),
    }
}

/// Oldest first, of a person, a guild or some goods when the request says so.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let application = own(world, call)?;
    let (user, guild): (Option<Snowflake>, Option<Snowflake>) =
        (call.query("user_id")?, call.query("guild_id")?);
    let (before, after): (Option<Snowflake>, Option<Snowflake>) =
        (call.query("before")?, call.query("after")?);
    let skus = call
        .query
        .get("sku_ids")
        .map(|it| it.split(',').collect::<Vec<_>>());
    let fits = |it: &&Entitlement| {
        user.is_none_or(|user| it.user == Some(user))
            && guild.is_none_or(|guild| it.guild == Some(guild))
            && skus
                .as_ref()
                .is_none_or(|skus| skus.contains(&it.sku.to_string().as_str()))
            && before.is_none_or(|before| it.id < before)
            && Some(it.id) > after
    };
    let all = world
        .profile()
        .into_iter()
        .flat_map(|it| it.entitlements.values());
    let page = all.filter(fits).take(call.limit(100, 100)?);
    let page = page.map(|it| it.object(application));
    Ok(Answer::ok(page.collect::<Vec<Value>>()))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let application = own(world, call)?;
    Ok(Answer::ok(
        world.entitlement(call.id(3)?)?.object(application),
    ))
}

/// Gives a guild (`owner_type` 1) or a person (2) something to try.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    let rules = [
        ("sku_id", Rule::Id),
        ("owner_id", Rule::Id),
        ("owner_type", Rule::OneOf(&[1, 2])),
    ];
    let body = fields::checked(&call.body, &rules)?;
    let id = |key| fields::required(&body, key).map(fields::id);
    let (sku, owner) = (id("sku_id")?, id("owner_id")?);
    let (sku, owner) = (
        sku.unwrap_or(Snowflake::new(0)),
        owner.unwrap_or(Snowflake::new(0)),
    );
    let is_guild = fields::required(&body, "owner_type")? == 1;
    match is_guild {
        true => drop(world.guild(owner)?),
        false => drop(world.user(owner)?),
    }
    let entitlement = Entitlement {
        id: world.next_id(),
        sku,
        user: Some(owner).filter(|_| !is_guild),
        guild: Some(owner).filter(|_| is_guild),
        giver: world.application.owner,
        is_consumed: false,
    };
    Ok(Answer::ok(world.entitle(entitlement)))
}

pub(crate) fn consume(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    world.consume(call.id(3)?)?;
    Ok(Answer::nothing())
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    own(world, call)?;
    world.disentitle(call.id(3)?)?;
    Ok(Answer::nothing())
}
