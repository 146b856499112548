//! A bot whose listener never gives its thread back.

use std::thread;

use cogsmith::prelude::*;
use serenity::model::event::MessageCreateEvent;

pub(crate) struct Holder;

impl Module for Holder {
    const NAME: &'static str = "holder";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.on(Self::hold);
    }
}

impl Holder {
    async fn hold(&self, _event: Event<MessageCreateEvent>) -> Result<()> {
        loop {
            thread::park();
        }
    }
}
