//! Uploads in parts: what clients say of the parts they have sent.

/// A part that a client has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DonePart {
    /// Counts from 1.
    pub number: u32,
    /// The entity tag that it was answered with.
    pub etag: String,
}

/// A part has a number that the upload does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("part {number} is none of the upload, which was begun with {count}; parts are numbered from 1")]
pub struct NoSuchPart {
    /// The number of the part.
    pub number: u32,
    /// How many parts the upload has at most.
    pub count: u32,
}

/// There is no such upload in parts to that path: it was completed, aborted, or given up after an hour without a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no upload of that `upload_id` to that path; it may be completed, aborted, or too old")]
pub struct NoSuchUpload;

/// The parts of an upload are not 1, 2, 3 and so on, each of them once, as they were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the parts of the upload must be those that were sent, numbered 1, 2, 3 and so on, each once")]
pub struct InvalidParts;
