//! Whether this machine's clock agrees with Discord's.

use chrono::TimeDelta;
use cogsmith_tasks::{Clock, ErrorChain};

use super::{Bot, finding::Finding};

const SUBJECT: &str = "clock";
/// Discord tells whole seconds, and the answer takes its time.
const FINE: TimeDelta = TimeDelta::seconds(3);
/// From here on tasks run at wrong times.
const BAD: TimeDelta = TimeDelta::minutes(1);

pub(super) async fn look(bot: &Bot) -> Finding {
    let clock = Clock::system();
    match bot.rest.date(bot.config.api_url.as_deref()).await {
        Ok(theirs) => judge(clock.now() - theirs),
        Err(error) => {
            let text = format!("Discord did not tell the time: {}", ErrorChain(&error));
            Finding::warning(SUBJECT, text, "try again later")
        }
    }
}

/// `ahead` is how far ours is ahead of Discord's.
fn judge(ahead: TimeDelta) -> Finding {
    let off = ahead.abs();
    let which = match ahead < TimeDelta::zero() {
        true => "behind",
        false => "ahead of",
    };
    let text = format!("{} s {which} Discord's", off.num_seconds());
    let advice = "set it, and let a time service such as chrony keep it";
    if off > BAD {
        Finding::problem(SUBJECT, text, advice)
    } else if off > FINE {
        Finding::warning(SUBJECT, text, advice)
    } else {
        Finding::ok(SUBJECT, "as Discord's, within 3 s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_judged_by_how_far_it_is_off() {
        let advice = "set it, and let a time service such as chrony keep it";
        let fine = Finding::ok(SUBJECT, "as Discord's, within 3 s");
        for (seconds, expected) in [
            (0, fine.clone()),
            (-3, fine),
            (
                4,
                Finding::warning(SUBJECT, "4 s ahead of Discord's", advice),
            ),
            (
                -60,
                Finding::warning(SUBJECT, "60 s behind Discord's", advice),
            ),
            (
                -61,
                Finding::problem(SUBJECT, "61 s behind Discord's", advice),
            ),
        ] {
            assert_eq!(judge(TimeDelta::seconds(seconds)), expected);
        }
    }
}
