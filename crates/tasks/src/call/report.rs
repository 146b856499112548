//! The one letter about a call.

use crate::mail::{Mail, Mailbox};

/// Posts one letter about a call, even if the task that makes the call panics or is aborted: then it
/// says the default.
pub(crate) struct Report<T: Default, F: FnOnce(T) -> Mail> {
    mailbox: Mailbox,
    letter: Option<F>,
    says: std::marker::PhantomData<fn(T)>,
}

impl<T: Default, F: FnOnce(T) -> Mail> Report<T, F> {
    pub(crate) fn new(mailbox: Mailbox, letter: F) -> Self {
        Self {
            mailbox,
            letter: Some(letter),
            says: std::marker::PhantomData,
        }
    }

    pub(crate) fn send(mut self, said: T) {
        self.post(said);
    }

    fn post(&mut self, said: T) {
        if let Some(letter) = self.letter.take() {
            self.mailbox.post(letter(said));
        }
    }
}

impl<T: Default, F: FnOnce(T) -> Mail> Drop for Report<T, F> {
    fn drop(&mut self) {
        self.post(T::default());
    }
}
