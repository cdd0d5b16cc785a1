//! What happens to a request before a handler sees it, and to the answer on its way out.
