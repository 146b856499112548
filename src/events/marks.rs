//! The table of marks: up to which event each module's durable state contains the messages of a shard.

use super::{Position, Positions};
use crate::store::{self, Db, Rows, Transaction};

/// Every mark, with the name of its module.
pub(super) async fn load(db: &Db) -> store::Result<Vec<(String, Position)>> {
    let sql = "select module, shard_id, session_id, sequence from gateway_mark";
    let rows = db.read(sql).all::<(String, i64, String, i64)>().await?;
    let marks = rows
        .into_iter()
        .filter_map(|(module, shard, session, sequence)| {
            let shard = u32::try_from(shard).ok()?;
            Some((
                module,
                Position {
                    shard,
                    session: session.into(),
                    sequence: sequence.cast_unsigned(),
                },
            ))
        });
    Ok(marks.collect())
}

/// Under this name, which no module has, stands up to which event commands have begun.
const COMMANDS: &str = ".commands";

/// Takes out up to which event of which session the commands of each shard had begun when the last process closed.
/// There is nothing after a crash.
pub(super) async fn take_commands(db: &Db) -> store::Result<Vec<Position>> {
    let marks = load(db).await?.into_iter();
    let taken = marks.filter(|(name, _)| name == COMMANDS);
    let taken: Vec<_> = taken.map(|(_, position)| position).collect();
    if !taken.is_empty() {
        let delete = db.write("delete from gateway_mark where module = $1");
        delete.bind(COMMANDS).execute().await?;
    }
    Ok(taken)
}

/// Writes what [`take_commands`] takes out.
pub(super) async fn write_commands(db: &Db, begun: &Positions) -> store::Result<()> {
    if begun.is_empty() {
        return Ok(());
    }
    let mut transaction = db.begin().await?;
    transaction.write(rows(COMMANDS, begun)).await?;
    transaction.commit().await
}

/// Writes one module's marks, and moves the sessions on to their resume points.
pub(super) async fn write(
    transaction: &mut Transaction,
    module: &str,
    positions: &Positions,
    resume_points: Vec<Position>,
) -> store::Result<()> {
    if positions.is_empty() {
        return Ok(());
    }
    transaction.write(rows(module, positions)).await?;
    for point in resume_points {
        move_session(transaction, &point).await?;
    }
    Ok(())
}

fn rows(module: &str, positions: &Positions) -> Rows {
    let mut rows = Rows::new(
        "insert into gateway_mark (module, shard_id, session_id, sequence)",
        "on conflict (module, shard_id) do update set session_id = excluded.session_id, sequence = excluded.sequence",
    );
    for position in positions.iter() {
        rows.push([
            module.into(),
            position.shard.into(),
            (&*position.session).into(),
            position.sequence.into(),
        ]);
    }
    rows
}

/// Never back, and never to a session other than the one that the gateway has saved.
async fn move_session(transaction: &mut Transaction, point: &Position) -> store::Result<()> {
    let sql = "update gateway_session set sequence = $1 \
               where shard_id = $2 and session_id = $3 and sequence < $1";
    let update = transaction
        .query(sql)
        .bind(point.sequence)
        .bind(point.shard);
    update.bind(&*point.session).execute().await?;
    Ok(())
}
