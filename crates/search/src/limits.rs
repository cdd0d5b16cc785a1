//! Sizes beyond which a search is refused, so that no request costs more than its page.

/// Longest filter, and longest order_by over all its clauses, in bytes.
pub const MAX_FILTER_BYTES: usize = 64 * 1024;

/// Most comparisons in one filter.
pub const MAX_COMPARISONS: usize = 512;

/// Longest pattern of `LIKE` and `ILIKE`, in bytes.
pub const MAX_LIKE_PATTERN_BYTES: usize = 1024;

/// Most values in one `IN` list.
pub const MAX_LIST_VALUES: usize = 5000;

/// Most clauses in one order_by.
pub const MAX_ORDER_BY_KEYS: usize = 64;

/// Largest offset in a page token.
pub const MAX_PAGE_OFFSET: u64 = 1 << 31;

/// Longest page token, in bytes: a logged-models token repeats the filter, escaped and in base64.
pub const MAX_PAGE_TOKEN_BYTES: usize = 2 * 1024 * 1024;
