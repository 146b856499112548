//! TOML files that people write, read strictly: every fault is told, and not only the first.

use std::ops::Range;

use serde::de::{DeserializeOwned, IntoDeserializer};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong, and where in the text.
pub(crate) type Fault = (Range<usize>, String);

/// A table of a document, whose keys and values know where they stand.
pub(crate) type Table<'a> = Spanned<DeTable<'a>>;

/// Reads a text as far as it is TOML.
pub(crate) fn parse<'a>(text: &'a str, faults: &mut Vec<Fault>) -> Table<'a> {
    let (table, errors) = DeTable::parse_recoverable(text);
    faults.extend(errors.iter().map(fault));
    table
}

/// Reads a table, each key by itself, and leaves out those that are wrong. `T` must have a default for
/// every key; those that may not be missing are `required`.
pub(crate) fn read<T: DeserializeOwned + Default>(
    table: Table<'_>,
    required: &[&str],
    faults: &mut Vec<Fault>,
) -> T {
    let span = table.span();
    for key in required {
        if !table.get_ref().contains_key(*key) {
            faults.push((span.clone(), format!("missing field `{key}`")));
        }
    }
    let mut read = |table: DeTable<'_>| {
        let read = T::deserialize(Spanned::new(span.clone(), table).into_deserializer());
        read.map_err(|error| faults.push(fault(&error))).ok()
    };
    let pairs = table.into_inner().into_iter();
    let right = pairs
        .filter(|(key, value)| read(DeTable::from_iter([(key.clone(), value.clone())])).is_some());
    let right = right.collect();
    read(right).unwrap_or_default()
}

/// Takes an array of tables out; anything else under this key is left where it is, for [`read`] to tell.
pub(crate) fn take_tables<'a>(table: &mut Table<'a>, key: &str) -> Vec<Table<'a>> {
    let is_table = |value: &Spanned<DeValue<'a>>| matches!(value.get_ref(), DeValue::Table(_));
    let entry = table.get_ref().get(key).map(Spanned::get_ref);
    if !matches!(entry, Some(DeValue::Array(items)) if items.iter().all(is_table)) {
        return Vec::new();
    }
    let taken = table.get_mut().remove(key).map(Spanned::into_inner);
    let Some(DeValue::Array(items)) = taken else {
        return Vec::new();
    };
    items.iter().cloned().filter_map(as_table).collect()
}

/// Takes a table out; anything else under this key is left where it is, for [`read`] to tell.
pub(crate) fn take_table<'a>(table: &mut Table<'a>, key: &str) -> Option<Table<'a>> {
    let entry = table.get_ref().get(key).map(Spanned::get_ref);
    if !matches!(entry, Some(DeValue::Table(_))) {
        return None;
    }
    as_table(table.get_mut().remove(key)?)
}

fn as_table(value: Spanned<DeValue<'_>>) -> Option<Table<'_>> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Table(table) => Some(Spanned::new(span, table)),
        _ => None,
    }
}

fn fault(error: &toml::de::Error) -> Fault {
    (error.span().unwrap_or(0..0), error.message().to_owned())
}

/// The line of a place in a text, from 1.
pub(crate) fn line(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    before.filter(|byte| **byte == b'\n').count() + 1
}
