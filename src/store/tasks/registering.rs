//! Tasks that come: found by name and scope, or added, many in a few statements.

use std::{collections::HashMap, sync::Arc};

use cogsmith_tasks::{Registration, TaskId, TaskRow};

use super::{NAMED_AT_ONCE, Outcome, TASKS, failure, record};
use crate::store::{Query, Transaction};
use record::Task;

type Key = (Arc<str>, Arc<str>);

pub(super) async fn find_or_add(
    transaction: &mut Transaction,
    tasks: &[Registration],
) -> Outcome<Vec<TaskRow>> {
    let mut rows = HashMap::with_capacity(tasks.len());
    for tasks in tasks.chunks(NAMED_AT_ONCE) {
        find(transaction, tasks, &mut rows).await?;
        let new = tasks.iter().filter(|task| !rows.contains_key(&key(task)));
        let new: Vec<_> = new.collect();
        if !new.is_empty() {
            add(transaction, &new, &mut rows).await?;
        }
    }
    let in_order = tasks.iter().filter_map(|task| rows.remove(&key(task)));
    Ok(in_order.collect())
}

async fn find(
    transaction: &mut Transaction,
    tasks: &[Registration],
    rows: &mut HashMap<Key, TaskRow>,
) -> Outcome<()> {
    let places = transaction.mark().rows(tasks.len(), 2);
    let sql = format!("{TASKS} where (name, scope) in (values {places})");
    let found = Query::in_transaction(transaction, sql.into()).bind_all(keys(tasks));
    for task in found.all::<Task>().await.map_err(failure)? {
        let row = TaskRow::try_from(task)?;
        rows.insert((row.name.clone(), row.scope.clone()), row);
    }
    Ok(())
}

async fn add(
    transaction: &mut Transaction,
    tasks: &[&Registration],
    rows: &mut HashMap<Key, TaskRow>,
) -> Outcome<()> {
    let places = transaction.mark().rows(tasks.len(), 2);
    let sql = format!("insert into task (name, scope) values {places} returning id, name, scope");
    let added = Query::in_transaction(transaction, sql.into());
    let added = added.bind_all(keys(tasks.iter().copied()));
    let added: Vec<(i64, String, String)> = added.all().await.map_err(failure)?;
    let cursors: HashMap<_, _> = tasks.iter().map(|task| (key(task), &task.cursor)).collect();
    let added = added.into_iter().filter_map(|(id, name, scope)| {
        let (id, key) = (TaskId(id), (name.into(), scope.into()));
        Some((id, cursors.get(&key).copied()?, key))
    });
    let added: Vec<_> = added.collect();
    let written = record::cursor_rows(added.iter().map(|(id, cursor, _)| (*id, *cursor)));
    transaction.write(written).await.map_err(failure)?;
    rows.extend(added.into_iter().map(|(id, cursor, (name, scope))| {
        let row = TaskRow {
            id,
            name: name.clone(),
            scope: scope.clone(),
            cursor: cursor.clone(),
        };
        ((name, scope), row)
    }));
    Ok(())
}

fn key(task: &Registration) -> Key {
    (task.name.clone(), task.scope.clone())
}

fn keys<'a>(
    tasks: impl IntoIterator<Item = &'a Registration>,
) -> impl Iterator<Item = crate::store::Value> {
    let keys = tasks.into_iter().flat_map(|task| [&task.name, &task.scope]);
    keys.map(|text| (**text).into())
}
