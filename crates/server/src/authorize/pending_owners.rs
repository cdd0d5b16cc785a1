//! Gives to their creators what a killed server left without an owner.

use std::time::Duration;

use oxflow_auth::ResourceType;
use oxflow_store::{PendingOwner, Result, Store};
use tracing::{info, warn};

use crate::App;

/// How often a server looks for things that another one left without an owner.
pub const SETTLED_EVERY: Duration = Duration::from_secs(60);

impl App {
    /// Notes that something has its owner. If that fails, the next look finds the owner set, and nothing is left to do.
    pub(super) async fn owner_is_set(&self, pending: PendingOwner) {
        let store = self.store_of(pending.resource_type);
        if let Err(error) = store.owner_is_set(pending).await {
            warn!("that something has its owner could not be noted: {error}");
        }
    }

    fn store_of(&self, resource_type: ResourceType) -> &Store {
        match resource_type {
            ResourceType::RegisteredModel | ResourceType::Prompt => &self.registry,
            _ => &self.store,
        }
    }
}

/// Gives everything created at least `age` ago to its creator that a server created and was killed before it had done so.
/// Without an age it is for the start; with one it passes over what another server is just working on.
pub async fn set_pending_owners(app: &App, age: Duration) -> Result<()> {
    let Some(login) = app.login.as_ref() else {
        return Ok(());
    };
    let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    let until_ms = app.clock.now_ms().saturating_sub(age_ms);
    let mut pending = app.store.pending_owners(until_ms).await?;
    if app.registry_is_apart {
        pending.extend(app.registry.pending_owners(until_ms).await?);
    }
    for pending in pending {
        login
            .accounts()
            .set_owner_if_nobodys(
                pending.user_id,
                pending.resource_type,
                pending.resource_id.clone(),
            )
            .await?;
        login.forget();
        info!(
            "user {} owns {} {:?}, which a server that was stopped had just created",
            pending.user_id, pending.resource_type, pending.resource_id
        );
        app.owner_is_set(pending).await;
    }
    Ok(())
}
