//! Finds the rows that a database refuses among many that it would take.

use std::collections::HashMap;

use cogsmith::{prelude::*, store::Error as StoreError};

use super::{
    ledger::{Gain, Member},
    store,
};

/// A broken table may refuse every row, and each costs about twenty transactions: the search ends after so many.
const ENOUGH: usize = 16;

/// A member whose row is refused, and why.
pub(super) struct Refused {
    pub(super) member: Member,
    pub(super) gain: Gain,
    pub(super) error: Error,
}

/// Whether another row might have been written where this failed.
pub(super) fn is_about_a_row(error: &Error) -> bool {
    let error = error.downcast_ref::<StoreError>();
    error.is_some_and(StoreError::is_about_a_row)
}

/// The refused rows, at most 16 at a time; nothing is written. None when the database takes no row
/// at all: then the table is to blame, and no member.
///
/// # Errors
/// A failure that is not about a row.
pub(super) async fn find(db: &Db, gains: &HashMap<Member, Gain>) -> Result<Vec<Refused>> {
    let rows: Vec<_> = gains
        .iter()
        .map(|(member, gain)| (*member, *gain))
        .collect();
    let (mut refused, mut is_any_taken) = (Vec::new(), false);
    let mut parts = vec![&*rows];
    while let Some(part) = parts.pop()
        && refused.len() < ENOUGH
    {
        match (attempt(db, part).await, part) {
            (Ok(()), _) => is_any_taken = true,
            (Err(error), _) if !is_about_a_row(&error) => return Err(error),
            (Err(error), &[(member, gain)]) => refused.push(Refused {
                member,
                gain,
                error,
            }),
            (Err(_), _) => {
                let (left, right) = part.split_at(part.len() / 2);
                parts.extend([right, left]);
            }
        }
    }
    if !is_any_taken {
        refused.clear();
    }
    Ok(refused)
}

/// Writes rows in a transaction that is rolled back.
async fn attempt(db: &Db, rows: &[(Member, Gain)]) -> Result<()> {
    let mut transaction = db.begin().await?;
    store::add(
        &mut transaction,
        rows.iter().map(|(member, gain)| (member, gain)),
    )
    .await
}
