//! The `oxflow` program.

fn main() {}
