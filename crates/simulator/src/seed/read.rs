//! From TOML to a plan, strictly.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::DeValue;

use crate::document::{self, Fault, Table};
use crate::seed::{GuildPlan, MemberPlan, Plan, RolePlan, SeedError};

pub(super) fn plan(text: &str) -> Result<Plan, Vec<SeedError>> {
    let mut faults = Vec::new();
    let mut document = document::parse(text, &mut faults);
    // What follows from a text that is no TOML is no fault of its own.
    if !faults.is_empty() {
        return Err(forms(text, faults));
    }
    let is_empty = is_empty(&document, "guild");
    let guilds = document::take_tables(&mut document, "guild");
    let required: &[&str] = if guilds.is_empty() && !is_empty {
        &["guild"]
    } else {
        &[]
    };
    let mut plan: Plan = document::read(document, required, &mut faults);
    let guilds = guilds.into_iter().map(|table| guild(table, &mut faults));
    plan.guilds = guilds.collect();
    let has_guilds = !plan.guilds.is_empty() || is_empty;
    let mut errors = forms(text, faults);
    if has_guilds {
        errors.extend(plan.check());
    }
    if errors.is_empty() {
        Ok(plan)
    } else {
        Err(errors)
    }
}

fn is_empty(document: &Table<'_>, key: &str) -> bool {
    let value = document.get_ref().get(key).map(Spanned::get_ref);
    matches!(value, Some(DeValue::Array(items)) if items.is_empty())
}

fn guild(mut table: Table<'_>, faults: &mut Vec<Fault>) -> GuildPlan {
    let roles = document::take_tables(&mut table, "role");
    let members = document::take_tables(&mut table, "member");
    let mut plan: GuildPlan = named(table, |plan: &mut GuildPlan| &mut plan.name, faults);
    let roles = roles.into_iter();
    let roles = roles.map(|table| named(table, |role: &mut RolePlan| &mut role.name, faults));
    plan.roles = roles.collect();
    let members = members.into_iter();
    let members = members.map(|table| named(table, |it: &mut MemberPlan| &mut it.name, faults));
    plan.members = members.collect();
    plan
}

/// Reads a table that must have a name. One that is missing or wrong is told here; another stands in for
/// it, so that the name is not told again.
fn named<T: DeserializeOwned + Default>(
    table: Table<'_>,
    name: impl Fn(&mut T) -> &mut String,
    faults: &mut Vec<Fault>,
) -> T {
    let given = table.get_ref().get("name").map(Spanned::get_ref);
    let is_named = matches!(given, Some(DeValue::String(_)));
    let stand_in = format!("unnamed {}", table.span().start);
    let mut plan = document::read(table, &["name"], faults);
    if !is_named {
        *name(&mut plan) = stand_in;
    }
    plan
}

/// In the order of the file.
fn forms(text: &str, mut faults: Vec<Fault>) -> Vec<SeedError> {
    faults.sort_by_key(|(span, _)| span.start);
    let form = |(span, problem): Fault| SeedError::Form {
        line: document::line(text, &span),
        problem,
    };
    faults.into_iter().map(form).collect()
}
