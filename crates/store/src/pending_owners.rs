//! Whose the things are that were just created.
//!
//! What is tracked and who may do what with it are in two databases, without a transaction over both. So a thing is created
//! together with a note whose it is to be, and the note goes once the database of users says so as well. Where a server was
//! killed in between the note stays, and any server on the same databases makes up for it.

use oxflow_auth::ResourceType;

use crate::{Result, Store, Tx};

const NOTE: &str = "
    INSERT INTO oxflow_pending_owners (resource_type, resource_id, user_id, created_time)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (resource_type, resource_id)
    DO UPDATE SET user_id = excluded.user_id, created_time = excluded.created_time";

const SELECT: &str = "
    SELECT resource_type, resource_id, user_id
      FROM oxflow_pending_owners
     WHERE created_time <= $1
     ORDER BY created_time
     LIMIT 1000";

const DELETE: &str = "
    DELETE FROM oxflow_pending_owners WHERE resource_type = $1 AND resource_id = $2 AND user_id = $3";

/// Something that was created and may not belong to its creator yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingOwner {
    /// What it is.
    pub resource_type: ResourceType,
    /// The id of an experiment, the name of a registered model.
    pub resource_id: String,
    /// Whose it is to be: an id in the database of users.
    pub user_id: i64,
}

impl Store {
    /// The oldest 1,000 that were created up to a time, in ms since 1970.
    pub async fn pending_owners(&self, created_until_ms: i64) -> Result<Vec<PendingOwner>> {
        if !self.notes_owners() {
            return Ok(Vec::new());
        }
        let rows = self
            .read(move |tx| {
                Ok(tx.query(SELECT, &[created_until_ms.into()], |row| {
                    Ok((row.text(0)?, row.text(1)?, row.int(2)?))
                })?)
            })
            .await?;
        let known = |(name, resource_id, user_id): (String, String, i64)| {
            let resource_type = ResourceType::ALL.into_iter().find(|known| known.name() == name)?;
            Some(PendingOwner {
                resource_type,
                resource_id,
                user_id,
            })
        };
        Ok(rows.into_iter().filter_map(known).collect())
    }

    /// Notes that something belongs to its creator now.
    pub async fn owner_is_set(&self, pending: PendingOwner) -> Result<()> {
        if !self.notes_owners() {
            return Ok(());
        }
        self.write(move |tx| {
            let key = [
                pending.resource_type.name().into(),
                pending.resource_id.as_str().into(),
                pending.user_id.into(),
            ];
            tx.execute(DELETE, &key)?;
            Ok(())
        })
        .await
    }
}

impl Tx<'_> {
    /// Notes whose something is to be, in the transaction that creates it.
    pub(crate) fn note_pending_owner(&mut self, pending: &PendingOwner, now_ms: i64) -> Result<()> {
        let row = [
            pending.resource_type.name().into(),
            pending.resource_id.as_str().into(),
            pending.user_id.into(),
            now_ms.into(),
        ];
        self.execute(NOTE, &row)?;
        Ok(())
    }
}
