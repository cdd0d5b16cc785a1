//! All SQL: schema, transactions, the writer thread and the reader pool.
