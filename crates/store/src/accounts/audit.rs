//! The audit log: who was let in and who not, and what was changed about users and their rights. Rows are only added.

use super::Accounts;
use crate::Result;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditEvent {
    /// When, ms since 1970.
    pub at_ms: i64,
    /// Who did it: the name that somebody logged in with.
    pub actor: Option<String>,
    /// What, such as `login.failed` or `user.create`.
    pub action: &'static str,
    /// To what.
    pub object: String,
    /// Whether it was done.
    pub is_done: bool,
    /// The client's address.
    pub address: Option<String>,
    /// The id of the request, as the log has it.
    pub request_id: Option<String>,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in `NewAuditEvent`")]
pub struct AuditEvent {
    pub id: i64,
    pub at_ms: i64,
    pub actor: Option<String>,
    pub action: String,
    pub object: String,
    pub result: String,
    pub address: Option<String>,
    pub request_id: Option<String>,
}

/// Longest object that is kept, in characters; longer ones are cut.
const MAX_OBJECT_CHARS: usize = 1000;

impl Accounts {
    /// Adds an event.
    pub async fn audit(&self, event: NewAuditEvent) -> Result<()> {
        self.write(move |tx| {
            let object: String = event.object.chars().take(MAX_OBJECT_CHARS).collect();
            let actor: Option<String> = event.actor.as_ref().map(|name| name.chars().take(255).collect());
            let result = if event.is_done { "ok" } else { "refused" };
            tx.execute(
                "INSERT INTO oxflow_audit (at_ms, actor, action, object, result, address, request_id)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                &[
                    event.at_ms.into(),
                    actor.as_deref().into(),
                    event.action.into(),
                    object.as_str().into(),
                    result.into(),
                    event.address.as_deref().into(),
                    event.request_id.as_deref().into(),
                ],
            )?;
            Ok(())
        })
        .await
    }

    /// The newest events before one, the newest first.
    pub async fn audit_log(&self, before: Option<i64>, limit: usize) -> Result<Vec<AuditEvent>> {
        self.read(move |tx| {
            let events = tx.query(
                "SELECT id, at_ms, actor, action, object, result, address, request_id
                   FROM oxflow_audit WHERE id < $1 ORDER BY id DESC LIMIT $2",
                &[
                    before.unwrap_or(i64::from(i32::MAX)).into(),
                    i64::try_from(limit).unwrap_or(i64::MAX).into(),
                ],
                |row| {
                    Ok(AuditEvent {
                        id: row.int(0)?,
                        at_ms: row.int(1)?,
                        actor: row.text_or_null(2)?,
                        action: row.text(3)?,
                        object: row.text(4)?,
                        result: row.text(5)?,
                        address: row.text_or_null(6)?,
                        request_id: row.text_or_null(7)?,
                    })
                },
            )?;
            Ok(events)
        })
        .await
    }
}
