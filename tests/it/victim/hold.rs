//! A bot that never gives a thread back: in its listener, or with `HOLD=load` while it is loaded.

use std::thread;

use cogsmith::prelude::*;
use serenity::model::event::MessageCreateEvent;

pub(crate) struct Holder;

impl Module for Holder {
    const NAME: &'static str = "holder";

    async fn load(_host: Host) -> Result<Self> {
        if std::env::var("HOLD").is_ok_and(|hold| hold == "load") {
            hold();
        }
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.on(Self::hold);
    }
}

impl Holder {
    async fn hold(&self, _event: Event<MessageCreateEvent>) -> Result<()> {
        hold()
    }
}

fn hold() -> ! {
    loop {
        thread::park();
    }
}
