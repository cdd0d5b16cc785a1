//! Ids, entities, limits, validation and error codes of MLflow tracking: no I/O, no async.
