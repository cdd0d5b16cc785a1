//! The SHA-256 of an upload in parts, computed while its parts come.
//!
//! SHA-256 takes bytes in their order only. So whenever a part came that follows those hashed so far, a thread reads it back,
//! usually out of the page cache, and whoever completes the upload has only the rest to hash. What is known here is known to this
//! process only, and never needed: without it everything is hashed at the end.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oxflow_core::ContentDigest;
use sha2::{Digest, Sha256};

use super::folder::{ByteRange, Part, PartTag};

/// Uploads of which something is known at a time; the one that got no part for the longest time goes first. One of 10,000 parts
/// takes some 600 KiB.
const MAX_UPLOADS: usize = 64;

/// Bytes read at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// What is known of the uploads that go on.
#[derive(Debug, Default)]
pub(crate) struct PrefixDigests {
    uploads: Mutex<Uploads>,
    /// Threads that hash parts now.
    at_work: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Uploads {
    by_id: HashMap<String, Known>,
    /// Counts the parts that came.
    now: u64,
}

#[derive(Debug)]
struct Known {
    prefix: Arc<Prefix>,
    last_used: u64,
}

/// What is known of one upload.
#[derive(Debug, Default)]
struct Prefix {
    waiting: Mutex<Waiting>,
    /// Locked while a part is read.
    hashed: Mutex<Hashed>,
    is_forgotten: AtomicBool,
}

/// Parts that came in full and are not hashed yet.
#[derive(Debug)]
struct Waiting {
    parts: BTreeMap<u32, (PartTag, ByteRange)>,
    /// The number of the part that is hashed next.
    next: u32,
    /// Some thread does so, or nobody ever will because it failed.
    is_taken: bool,
}

/// The parts that are hashed, from the first one on without a gap.
#[derive(Debug, Clone, Default)]
struct Hashed {
    digest: Sha256,
    tags: Vec<PartTag>,
    bytes: u64,
}

/// The work of hashing what has come.
#[derive(Debug)]
pub(super) struct Hashing {
    prefix: Arc<Prefix>,
    file: File,
    _at_work: AtWork,
}

#[derive(Debug)]
struct AtWork(Arc<AtomicUsize>);

impl Default for Waiting {
    fn default() -> Self {
        Self {
            parts: BTreeMap::new(),
            next: 1,
            is_taken: false,
        }
    }
}

impl PrefixDigests {
    /// Notes that a part came in full and where it is in the file. Returns the work that there is now, if nobody is at it and the
    /// other uploads leave a core for it.
    pub(super) fn came(&self, id: &str, part: Part, range: ByteRange, file: File) -> Option<Hashing> {
        let prefix = self.uploads().of(id);
        let mut waiting = lock(&prefix.waiting);
        waiting.parts.insert(part.number, (part.tag, range));
        if waiting.is_taken || !waiting.parts.contains_key(&waiting.next) {
            return None;
        }
        let at_work = AtWork::begin(&self.at_work)?;
        waiting.is_taken = true;
        drop(waiting);
        Some(Hashing {
            prefix,
            file,
            _at_work: at_work,
        })
    }

    /// The digest of the file that those parts became; it has that many bytes.
    pub(super) fn finish(
        &self,
        id: &str,
        parts: &[Part],
        file: &File,
        bytes: u64,
    ) -> io::Result<ContentDigest> {
        let known = self.uploads().find(id);
        let Hashed {
            digest,
            bytes: hashed,
            ..
        } = known.map(|prefix| prefix.of_parts(parts)).unwrap_or_default();
        let rest = ByteRange {
            offset: hashed,
            length: bytes.saturating_sub(hashed),
        };
        let digest = read(file, rest, digest, || false)?;
        Ok(<[u8; 32]>::from(digest.finalize()).into())
    }

    /// Forgets an upload that is over.
    pub(super) fn forget(&self, id: &str) {
        self.uploads().by_id.remove(id);
    }

    fn uploads(&self) -> MutexGuard<'_, Uploads> {
        lock(&self.uploads)
    }
}

impl Uploads {
    fn find(&self, id: &str) -> Option<Arc<Prefix>> {
        self.by_id.get(id).map(|known| Arc::clone(&known.prefix))
    }

    /// What is known of an upload; nothing so far if it is a new one.
    fn of(&mut self, id: &str) -> Arc<Prefix> {
        self.now += 1;
        if !self.by_id.contains_key(id) && self.by_id.len() >= MAX_UPLOADS {
            let oldest = self.by_id.iter().min_by_key(|(_, known)| known.last_used);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.by_id.remove(&oldest);
            }
        }
        let known = self.by_id.entry(id.to_owned()).or_insert_with(|| Known {
            prefix: Arc::default(),
            last_used: 0,
        });
        known.last_used = self.now;
        Arc::clone(&known.prefix)
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        self.prefix.is_forgotten.store(true, Ordering::Relaxed);
    }
}

impl Prefix {
    /// What is hashed, if the parts begin with exactly that; waits for a part that is being read.
    fn of_parts(&self, parts: &[Part]) -> Hashed {
        let hashed = lock(&self.hashed);
        let begin = parts.get(..hashed.tags.len()).unwrap_or_default();
        if begin.iter().map(|part| part.tag).eq(hashed.tags.iter().copied()) {
            hashed.clone()
        } else {
            Hashed::default()
        }
    }
}

impl Hashing {
    /// Hashes parts as long as the next one is there, on another thread: nobody waits for it.
    pub(super) fn run_behind(self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn_blocking(move || while self.hash_next() {}));
        }
    }

    fn hash_next(&self) -> bool {
        let mut hashed = lock(&self.prefix.hashed);
        let (tag, range) = {
            let mut waiting = lock(&self.prefix.waiting);
            let next = waiting.next;
            let Some(part) = waiting.parts.remove(&next) else {
                waiting.is_taken = false;
                return false;
            };
            waiting.next += 1;
            part
        };
        let is_over = || self.prefix.is_forgotten.load(Ordering::Relaxed);
        if range.offset != hashed.bytes {
            return false;
        }
        match read(&self.file, range, hashed.digest.clone(), is_over) {
            Ok(digest) => {
                hashed.digest = digest;
                hashed.tags.push(tag);
                hashed.bytes += range.length;
                true
            }
            Err(error) => {
                tracing::debug!("an upload in parts is hashed when it is completed: {error}");
                false
            }
        }
    }
}

impl AtWork {
    /// `None` if there are as many threads as half of the cores.
    fn begin(count: &Arc<AtomicUsize>) -> Option<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let most = cores.div_ceil(2);
        count
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| {
                Some(now + 1).filter(|now| *now <= most)
            })
            .ok()
            .map(|_| Self(Arc::clone(count)))
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Adds bytes of a file to a digest. Fails if they are not all there, and when nobody wants it any more.
fn read(file: &File, range: ByteRange, mut digest: Sha256, is_over: impl Fn() -> bool) -> io::Result<Sha256> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let (mut at, end) = (range.offset, range.offset + range.length);
    while at < end {
        if is_over() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let wanted = usize::try_from(end - at).unwrap_or(usize::MAX).min(BUFFER_BYTES);
        let read = match file.read_at(&mut buffer[..wanted], at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        digest.update(&buffer[..read]);
        at += read as u64;
    }
    Ok(digest)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(number: u32) -> Part {
        Part {
            number,
            tag: PartTag::fresh(),
        }
    }

    fn range(number: u32) -> ByteRange {
        ByteRange::new(u64::from(number - 1) * 4, 4).unwrap()
    }

    fn digest_of(bytes: &[u8]) -> ContentDigest {
        <[u8; 32]>::from(Sha256::digest(bytes)).into()
    }

    /// Parts come in that order; what there is to hash is hashed at once.
    fn come(digests: &PrefixDigests, parts: &[Part], file: &File) {
        for part in parts {
            let file = file.try_clone().unwrap();
            if let Some(hashing) = digests.came("id", *part, range(part.number), file) {
                while hashing.hash_next() {}
            }
        }
    }

    #[test]
    fn what_is_hashed_is_not_read_again_if_it_is_what_is_wanted() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"aaaabbbbccccdd", 0).unwrap();
        let (digests, parts) = (PrefixDigests::default(), [part(1), part(2), part(3), part(4)]);
        // The last is not known before.
        come(&digests, &[parts[1], parts[0], parts[2]], &file);
        // Nobody does that; here it shows what is read again.
        file.write_all_at(b"AAAABBBBCCCC", 0).unwrap();
        assert_eq!(
            digests.finish("id", &parts, &file, 14).unwrap(),
            digest_of(b"aaaabbbbccccdd")
        );
        let other = [parts[0], part(2), parts[2], parts[3]];
        assert_eq!(
            digests.finish("id", &other, &file, 14).unwrap(),
            digest_of(b"AAAABBBBCCCCdd")
        );
        assert_eq!(
            digests.finish("id", &parts[..2], &file, 8).unwrap(),
            digest_of(b"AAAABBBB"),
            "fewer than were hashed"
        );
        assert_eq!(
            digests.finish("other", &parts, &file, 14).unwrap(),
            digest_of(b"AAAABBBBCCCCdd")
        );
        digests.forget("id");
        assert_eq!(
            digests.finish("id", &parts, &file, 14).unwrap(),
            digest_of(b"AAAABBBBCCCCdd")
        );
    }

    #[test]
    fn a_gap_is_waited_for() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"aaaabbbbcccc", 0).unwrap();
        let (digests, parts) = (PrefixDigests::default(), [part(1), part(2), part(3)]);
        come(&digests, &[parts[2], parts[0]], &file);
        file.write_all_at(b"AAAABBBBCCCC", 0).unwrap();
        assert_eq!(
            digests.finish("id", &parts, &file, 12).unwrap(),
            digest_of(b"aaaaBBBBCCCC")
        );
        come(&digests, &[parts[1]], &file);
        assert_eq!(
            digests.finish("id", &parts, &file, 12).unwrap(),
            digest_of(b"aaaaBBBBCCCC")
        );
    }

    #[test]
    fn only_so_many_uploads_are_remembered_and_only_so_many_threads_work() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"aaaa", 0).unwrap();
        let (digests, first) = (PrefixDigests::default(), part(1));
        come(&digests, &[first], &file);
        let mut at_work = Vec::new();
        for number in 0..MAX_UPLOADS {
            let file = file.try_clone().unwrap();
            at_work.extend(digests.came(&format!("other {number}"), part(1), range(1), file));
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        assert_eq!(at_work.len(), cores.div_ceil(2).min(MAX_UPLOADS));
        assert_eq!(digests.uploads().by_id.len(), MAX_UPLOADS);
        assert!(
            digests.uploads().find("id").is_none(),
            "it got no part for the longest time"
        );
        drop(at_work);
        assert_eq!(digests.at_work.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_file_that_was_cut_is_no_digest() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"aaa", 0).unwrap();
        let (digests, parts) = (PrefixDigests::default(), [part(1)]);
        come(&digests, &parts, &file);
        let error = digests.finish("id", &parts, &file, 4).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
