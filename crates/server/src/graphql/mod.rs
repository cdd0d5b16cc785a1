//! GraphQL: a second way to ask for what a few REST endpoints answer.
//!
//! A request goes through three steps. [`document`] parses and checks it and lists the root fields it asks for;
//! [`fields`] answers each with the REST handler of the same name; [`projection`] picks from those answers what was
//! selected. The schema is in `schema.graphql`.

mod document;
mod fields;
mod limits;
mod projection;

use std::sync::LazyLock;

use apollo_compiler::Schema;
use apollo_compiler::validation::Valid;

pub use fields::RootField;

pub(crate) use document::{Operation, Refused};
pub(crate) use fields::answer;
pub(crate) use projection::project;

/// The schema, parsed when the first request comes.
static SCHEMA: LazyLock<Valid<Schema>> = LazyLock::new(|| {
    Schema::parse_and_validate(include_str!("schema.graphql"), "schema.graphql")
        .expect("a test parses the schema")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_field_of_the_schema_has_a_handler() {
        for (_, definition) in &SCHEMA.types {
            let name = definition.name().as_str();
            let Some(object) = definition
                .as_object()
                .filter(|_| matches!(name, "Query" | "Mutation"))
            else {
                continue;
            };
            for field in object.fields.keys() {
                assert!(RootField::named(field).is_some(), "{name}.{field}");
            }
        }
    }
}
