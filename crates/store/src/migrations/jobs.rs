//! Revision dc11669786a5: jobs get executors, and what was waiting or running for the old way is over.

use super::{Task, UpgradeError};
use crate::Tx;

/// The states of a job: 0 pending, 1 running, 5 canceled.
pub(super) fn cancel(tx: &mut Tx<'_>, task: &Task) -> Result<(), UpgradeError> {
    tx.execute(
        "UPDATE jobs
            SET status = 5, last_update_time = $1
          WHERE status IN (0, 1)",
        &[task.now_ms.into()],
    )?;
    Ok(())
}
