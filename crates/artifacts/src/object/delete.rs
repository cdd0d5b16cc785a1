//! Deleting objects.

use futures::{StreamExt, TryStreamExt};

use super::bucket::ObjectFolder;
use crate::error::{ArtifactError, Result, Target};

impl ObjectFolder {
    /// Deletes an object, and all below it as a folder, a thousand at a time. Missing is fine.
    pub(crate) async fn delete(&self, target: &Target) -> Result<()> {
        let what = "delete the artifacts";
        let own = self.own_key(&target.full).await?;
        let below = self.keys_below(self.prefix(Some(&target.full))?);
        let mut keys = futures::stream::iter(own.map(Ok)).chain(below).try_chunks(1000);
        while let Some(batch) = keys.next().await {
            let batch = batch.map_err(|stopped| stopped.1)?;
            let locations = futures::stream::iter(batch.into_iter().map(Ok)).boxed();
            let mut deleted = self.store.delete_stream(locations);
            while let Some(one) = deleted.next().await {
                match one {
                    Ok(_) => {}
                    Err(error) => match self.error(what, target, error) {
                        ArtifactError::NotFound { .. } => {}
                        other => return Err(other),
                    },
                }
            }
        }
        Ok(())
    }
}
