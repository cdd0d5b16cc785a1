//! What is known of the bytes of artifacts that came through the server.
//!
//! A digest is kept with the store's own entity tag of the file: it is good for as long as the file has that tag. Who changes a
//! file beside the server makes it unknown, and wrong for `oxflow verify artifacts`.

use oxflow_core::ContentDigest;

use crate::driver::Row;
use crate::{DbError, Result, Store, Value};

/// Longest path that a digest is kept for, in bytes: PostgreSQL's indexes take no longer ones with certainty.
const MAX_PATH_BYTES: usize = 2000;

/// Characters that a path may go on with below a folder are less than this one behind `/`.
const BEHIND_SLASH: char = '0';

const INSERT: &str = "
    INSERT INTO oxflow_artifact_digests (tree, path, sha256, size_bytes, etag, recorded_time)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (tree, path) DO NOTHING";

const UPDATE: &str = "
    UPDATE oxflow_artifact_digests
       SET sha256 = $1, size_bytes = $2, etag = $3, recorded_time = $4
     WHERE tree = $5 AND path = $6";

const PUT_BACK: &str = "
    UPDATE oxflow_artifact_digests
       SET sha256 = $1, size_bytes = $2, etag = $3, recorded_time = $4
     WHERE tree = $5 AND path = $6 AND etag = $7";

/// What is left is of no use but to those who keep a digest next: they see that somebody did lately.
const MAKE_UNKNOWN: &str = "
    UPDATE oxflow_artifact_digests
       SET etag = ''
     WHERE tree = $1 AND path = $2 AND etag = $3";

const SELECT: &str = "
    SELECT path, sha256, size_bytes, etag, recorded_time
      FROM oxflow_artifact_digests
     WHERE tree = $1 AND path = $2";

/// From `$2` to `$3` is one range of the key; names such as `folder b` between a folder and what is in it are left out of it.
const SELECT_BELOW: &str = "
    SELECT path, sha256, size_bytes, etag, recorded_time
      FROM oxflow_artifact_digests
     WHERE tree = $1 AND path >= $2 AND path < $3 AND path <> $4 AND (path = $5 OR path >= $6) AND etag <> ''
     ORDER BY path
     LIMIT $7";

const SELECT_ALL: &str = "
    SELECT path, sha256, size_bytes, etag, recorded_time
      FROM oxflow_artifact_digests
     WHERE tree = $1 AND path > $2 AND etag <> ''
     ORDER BY path
     LIMIT $3";

const SELECT_TREES: &str = "
    SELECT tree, COUNT(*)
      FROM oxflow_artifact_digests
     WHERE etag <> ''
     GROUP BY tree
     ORDER BY tree";

const DELETE: &str = "
    DELETE FROM oxflow_artifact_digests
     WHERE tree = $1 AND path >= $2 AND path < $3 AND (path = $2 OR path >= $4)";

/// What was kept of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactDigest {
    /// Where it is below the root of its tree.
    pub path: String,
    /// The digest of its bytes.
    pub sha256: ContentDigest,
    /// Its size.
    pub size_bytes: u64,
    /// The store's entity tag of the file with these bytes.
    pub etag: String,
    /// When the bytes came, or were read, ms since 1970.
    pub recorded_time_ms: i64,
}

impl ArtifactDigest {
    /// The key of its row, and the rest of it.
    fn row<'a>(&'a self, tree: &'a str) -> ([Value<'a>; 2], [Value<'a>; 4]) {
        let rest = [
            self.sha256.as_bytes().to_vec().into(),
            i64::try_from(self.size_bytes).unwrap_or(i64::MAX).into(),
            self.etag.as_str().into(),
            self.recorded_time_ms.into(),
        ];
        ([tree.into(), self.path.as_str().into()], rest)
    }
}

impl Store {
    /// Keeps the digest of an artifact; what was kept of the same place before is replaced and returned: without an entity tag
    /// if it was taken back. Nothing is kept of paths over 2,000 bytes.
    pub async fn keep_artifact_digest(
        &self,
        tree: &str,
        digest: ArtifactDigest,
    ) -> Result<Option<ArtifactDigest>> {
        if !self.keeps_artifact_digests() || digest.path.len() > MAX_PATH_BYTES {
            return Ok(None);
        }
        let tree = tree.to_owned();
        self.write(move |tx| {
            let (key, [sha256, size_bytes, etag, time]) = digest.row(&tree);
            let [place, path] = key.clone();
            let row = [place, path, sha256, size_bytes, etag, time];
            if tx.execute(INSERT, &row)? > 0 {
                return Ok(None);
            }
            let select = format!("{SELECT}{}", tx.dialect().for_update());
            let replaced = tx.query_first(&select, &key, read)?;
            let [place, path, sha256, size_bytes, etag, time] = row;
            tx.execute(UPDATE, &[sha256, size_bytes, etag, time, place, path])?;
            Ok(replaced.flatten())
        })
        .await
    }

    /// Takes a digest back that was kept with this entity tag, if it is still there, and keeps another one of the same place
    /// in its stead, or none.
    pub async fn take_artifact_digest_back(
        &self,
        tree: &str,
        path: &str,
        etag: &str,
        instead: Option<ArtifactDigest>,
    ) -> Result<()> {
        if !self.keeps_artifact_digests() {
            return Ok(());
        }
        let (tree, path, taken) = (tree.to_owned(), path.to_owned(), etag.to_owned());
        self.write(move |tx| {
            match &instead {
                Some(digest) => {
                    let ([place, path], [sha256, size_bytes, etag, time]) = digest.row(&tree);
                    let values = [sha256, size_bytes, etag, time, place, path, (&taken).into()];
                    tx.execute(PUT_BACK, &values)?;
                }
                None => {
                    tx.execute(MAKE_UNKNOWN, &[(&tree).into(), (&path).into(), (&taken).into()])?;
                }
            }
            Ok(())
        })
        .await
    }

    /// What was kept of an artifact.
    pub async fn artifact_digest(&self, tree: &str, path: &str) -> Result<Option<ArtifactDigest>> {
        if !self.keeps_artifact_digests() || path.len() > MAX_PATH_BYTES {
            return Ok(None);
        }
        let key = [tree.to_owned().into(), path.to_owned().into()];
        let found = self
            .read(move |tx| Ok(tx.query_first(SELECT, &key, read)?))
            .await?;
        Ok(found.flatten().filter(|digest| !digest.etag.is_empty()))
    }

    /// What was kept of the artifacts of a tree, or of a folder (or file) in it, in byte order of their paths: at most `limit`
    /// that come behind `after`.
    pub async fn artifact_digests(
        &self,
        tree: &str,
        below: Option<&str>,
        after: &str,
        limit: usize,
    ) -> Result<Vec<ArtifactDigest>> {
        if !self.keeps_artifact_digests() {
            return Ok(Vec::new());
        }
        let (tree, after) = (tree.to_owned(), after.to_owned());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (statement, values): (_, Vec<Value<'static>>) = match below {
            None => (SELECT_ALL, vec![tree.into(), after.into(), limit.into()]),
            Some(folder) => {
                let (first, end) = bounds(folder);
                let from = if after.is_empty() {
                    folder.to_owned()
                } else {
                    after.clone()
                };
                let values = [tree, from, end, after, folder.to_owned(), first];
                let values = values.into_iter().map(Value::from);
                (SELECT_BELOW, values.chain([limit.into()]).collect())
            }
        };
        let found = self
            .read(move |tx| Ok(tx.query(statement, &values, read)?))
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The trees that something was kept of, each with how much.
    pub async fn artifact_digest_trees(&self) -> Result<Vec<(String, u64)>> {
        if !self.keeps_artifact_digests() {
            return Ok(Vec::new());
        }
        let count = |row: &Row<'_>| Ok((row.text(0)?, u64::try_from(row.int(1)?).unwrap_or_default()));
        self.read(move |tx| Ok(tx.query(SELECT_TREES, &[], count)?)).await
    }

    /// Forgets what was kept of an artifact, and of all below a folder of that name.
    pub async fn forget_artifact_digests(&self, tree: &str, path: &str) -> Result<()> {
        if !self.keeps_artifact_digests() {
            return Ok(());
        }
        let (first, end) = bounds(path);
        let values = [
            tree.to_owned().into(),
            path.to_owned().into(),
            end.into(),
            first.into(),
        ];
        self.write(move |tx| {
            tx.execute(DELETE, &values)?;
            Ok(())
        })
        .await
    }
}

/// Between which texts the paths below a folder are: from the first to before the second.
fn bounds(folder: &str) -> (String, String) {
    (format!("{folder}/"), format!("{folder}{BEHIND_SLASH}"))
}

/// `None` for what is no digest.
fn read(row: &Row<'_>) -> Result<Option<ArtifactDigest>, DbError> {
    let Some(sha256) = ContentDigest::from_bytes(&row.bytes(1)?) else {
        return Ok(None);
    };
    Ok(Some(ArtifactDigest {
        path: row.text(0)?,
        sha256,
        size_bytes: u64::try_from(row.int(2)?).unwrap_or_default(),
        etag: row.text(3)?,
        recorded_time_ms: row.int(4)?,
    }))
}
