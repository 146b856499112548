//! What Discord's own client says beside what it wants.

use crate::rest::call::Call;

/// Leaves out what says nothing about the deed: the network, where on the screen it was done, and
/// that a reaction is a plain one.
pub(super) fn tidy(call: &mut Call) {
    if let Some(body) = call.body.as_object_mut() {
        body.remove("mobile_network_type");
    }
    if call.part(4) != "reactions" {
        return;
    }
    call.query.remove("location");
    for (key, plain) in [("type", "0"), ("burst", "false")] {
        if call.query.get(key).is_some_and(|it| it == plain) {
            call.query.remove(key);
        }
    }
    // `reactions/{emoji}/0/@me`: of the plain kind.
    if call.method == "DELETE" && call.part(6) == "0" && call.parts.len() == 8 {
        call.parts.remove(6);
    }
}
