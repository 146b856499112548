//! Times as people type them.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use cogsmith_tasks::{Trigger, parse_duration};

use crate::error::{Result, UserError};

/// The instant that was so long ago.
pub(super) fn past(since: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let Some(length) = parse_duration(since.trim()) else {
        let why = format!("`{since}` is not a length of time: take one such as 90s, 2h or 3d.");
        return Err(UserError::new(why).into());
    };
    let length = TimeDelta::from_std(length).ok();
    let from = length.and_then(|length| now.checked_sub_signed(length));
    from.filter(|from| from.year() >= 0).ok_or_else(|| {
        UserError::new(format!(
            "`{since}` reaches back to before the year 0: take less, such as 90s, 2h or 3d."
        ))
        .into()
    })
}

/// When to be due: a length of time, or any trigger.
pub(super) fn trigger(time: &str) -> Result<Trigger> {
    let time = time.trim();
    let trigger = format!("every {time}").parse().or_else(|_| time.parse());
    trigger.map_err(|_| {
        UserError::new(format!(
            "`{time}` is not a time I can use: take one such as 90s, 10m or 1h30m, from 100ms to 10 years, \
             or `at 09:00 in Europe/Berlin`, or `cron 0 9 * * MON-FRI`."
        ))
        .into()
    })
}
