//! Test helpers: temporary databases, server processes, golden replay.
