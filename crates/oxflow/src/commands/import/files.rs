//! Artifacts: where they are, and bringing them to the server's folder.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use bytes::Bytes;
use oxflow_artifacts::{
    Adopted, AdoptedFile, Adoption, ArtifactError, ArtifactPath, ServableLocation, UploadLimits,
    append_to_uri,
};
use oxflow_filestore::{ArtifactFile, Folder, Problem, for_each_artifact, is_local, local_path};

use super::tally::What;
use super::{ArtifactChoice, Import};

impl Import<'_> {
    /// Brings artifacts along and returns their URI in the database; `None` if nothing was ever said
    /// about them. `segments` say whose they are: `["1", "<run id>", "artifacts"]`.
    pub(super) fn place_artifacts(
        &self,
        uri: Option<&str>,
        folder: Option<Folder>,
        segments: &[&str],
    ) -> Option<String> {
        let as_it_was = || uri.map(str::to_owned);
        let how = match self.choice {
            ArtifactChoice::Keep => {
                if uri.is_some_and(is_local) {
                    self.tally.left_in_place();
                }
                return as_it_was();
            }
            ArtifactChoice::Copy => Adoption::Copy,
            ArtifactChoice::Link => Adoption::Link,
        };
        if !uri.is_none_or(is_local) {
            return as_it_was();
        }
        let has_files = folder.as_ref().is_some_and(Folder::has_entries);
        if !has_files && uri.and_then(local_path).is_some_and(|path| has_entries(&path)) {
            self.tally.left_in_place();
            return as_it_was();
        }
        let new_uri = append_to_uri(&self.default_root, segments);
        let Ok(place) = self.artifacts.servable(&new_uri) else {
            return as_it_was();
        };
        if let Some(folder) = folder {
            for_each_artifact(
                &folder,
                &mut |problem| self.tally.problem(&problem),
                &mut |file, _| {
                    self.tally.found(What::Files, 1);
                    if let Err(problem) = self.adopt(&place, file, how) {
                        self.tally.skipped(What::Files, 1);
                        self.tally.problem(&problem);
                    }
                    self.tally.tick();
                },
            );
        }
        Some(new_uri)
    }

    fn adopt(
        &self,
        place: &ServableLocation,
        found: &ArtifactFile<'_>,
        how: Adoption,
    ) -> Result<(), Problem> {
        let at = || found.folder.path().join(found.name);
        let path = ArtifactPath::parse(found.path)
            .map_err(|_| Problem::new(at(), "the server allows no artifact of this name; it was skipped"))?;
        let file = found.folder.open_file(found.name)?;
        let adopted = if place.is_in_object_store() {
            self.runtime.block_on(self.upload(place, &path, &file))
        } else {
            let source = AdoptedFile {
                folder: found.folder.handle(),
                name: found.name,
                file: &file,
            };
            self.artifacts.adopt(place, &path, &source, how)
        };
        let adopted = adopted.map_err(|error| {
            let cause = std::error::Error::source(&error).map_or(String::new(), |cause| format!(": {cause}"));
            Problem::new(at(), format!("the artifact was skipped: {error}{cause}"))
        })?;
        match adopted {
            Adopted::AlreadyThere => self.tally.there(What::Files, 1),
            Adopted::Linked => {
                self.tally.imported(What::Files, 1);
                self.tally.linked();
            }
            Adopted::Copied => {
                self.tally.imported(What::Files, 1);
                self.tally
                    .copied(file.metadata().map_or(0, |metadata| metadata.len()));
            }
        }
        Ok(())
    }
}

impl Import<'_> {
    /// Sends a file to an object store, unless one of its size is there that was stored after the file was last changed.
    async fn upload(
        &self,
        place: &ServableLocation,
        path: &ArtifactPath,
        file: &File,
    ) -> Result<Adopted, ArtifactError> {
        let metadata = file
            .metadata()
            .map_err(|error| ArtifactError::Body(error.into()))?;
        if let Ok(there) = self.artifacts.open_file(place, path).await
            && there.size_bytes() == metadata.len()
            && metadata
                .modified()
                .is_ok_and(|changed| changed < there.last_modified())
        {
            return Ok(Adopted::AlreadyThere);
        }
        let limits = UploadLimits {
            expected_bytes: Some(metadata.len()),
            max_bytes: None,
        };
        // Nothing else runs meanwhile that a read could keep waiting.
        let pieces = futures::stream::unfold(file, |mut file| async move {
            let mut piece = vec![0; PIECE_BYTES];
            match file.read(&mut piece) {
                Ok(0) => None,
                Ok(read) => {
                    piece.truncate(read);
                    Some((Ok(Bytes::from(piece)), file))
                }
                Err(error) => Some((Err(error), file)),
            }
        });
        self.artifacts.put(place, path, pieces, limits).await?;
        Ok(Adopted::Copied)
    }
}

/// Bytes read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// Whether a folder is there and holds something: artifacts that were kept outside of the store.
fn has_entries(path: &Path) -> bool {
    path.read_dir().is_ok_and(|mut entries| entries.next().is_some())
}
