//! `release`: the host lets go of handles.

use super::state;
use crate::bytes::status;
use crate::lua::meter;
use crate::values::{handles, msgpack};

/// Takes back each handle that the array in `bytes` lists, or none of them; a status.
pub fn release(bytes: &[u8]) -> i32 {
    let Ok(mut ids) = msgpack::listed_handles(bytes) else { return status::BAD_DATA };
    let released = match state::started() {
        // SAFETY: the state is live; nothing of the script runs.
        Some(L) => meter::uncounted(|| unsafe { handles::release_all(L, ids) }),
        None => ids.next().is_none(),
    };
    if released { status::OK } else { status::BAD_ARGUMENT }
}
