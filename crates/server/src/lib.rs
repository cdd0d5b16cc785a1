//! HTTP edge, route table, handlers.
