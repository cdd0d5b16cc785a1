//! How much one request may ask for. security.md, section 9; MLflow 3.17: `check_query_safety`.

use std::collections::{HashMap, HashSet};

use apollo_compiler::ast::{Definition, Document, FragmentDefinition, Selection};

/// Root fields of all operations of a request together.
const MAX_ROOT_FIELDS: usize = 10;
/// Aliases side by side.
const MAX_ALIASES: usize = 10;
/// Selections inside each other.
const MAX_DEPTH: usize = 10;
/// Fields in all, those of a fragment each time it is used.
const MAX_SELECTIONS: usize = 1000;

/// Refuses a document that asks for too much. Works on what is not validated yet, so on cycles of fragments too.
pub(super) fn check(document: &Document) -> Result<(), String> {
    let mut scan = Scan {
        fragments: document
            .definitions
            .iter()
            .filter_map(|definition| match definition {
                Definition::FragmentDefinition(fragment) => Some((fragment.name.as_str(), &**fragment)),
                _ => None,
            })
            .collect(),
        selections: 0,
        root_fields: 0,
        aliases: 0,
    };
    for definition in &document.definitions {
        if let Definition::OperationDefinition(operation) = definition {
            scan.level(&operation.selection_set, 1)?;
        }
    }
    if scan.root_fields > MAX_ROOT_FIELDS {
        return Err(too_many("root fields", MAX_ROOT_FIELDS, scan.root_fields));
    }
    if scan.aliases > MAX_ALIASES {
        return Err(too_many("aliases", MAX_ALIASES, scan.aliases));
    }
    Ok(())
}

fn too_many(what: &str, limit: usize, count: usize) -> String {
    format!("GraphQL queries should have at most {limit} {what}, got {count} {what}.")
}

struct Scan<'d> {
    fragments: HashMap<&'d str, &'d FragmentDefinition>,
    selections: usize,
    root_fields: usize,
    /// Most aliases of one level.
    aliases: usize,
}

impl<'d> Scan<'d> {
    /// One selection set with the fragments spread in it, which are of the same level, then what is below.
    fn level(&mut self, selections: &'d [Selection], depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("Query exceeds maximum depth of {MAX_DEPTH}"));
        }
        let mut aliases = 0;
        let mut spread = HashSet::new();
        let mut waiting = vec![selections];
        while let Some(selections) = waiting.pop() {
            for selection in selections {
                match selection {
                    Selection::Field(field) => {
                        self.selections += 1;
                        if self.selections > MAX_SELECTIONS {
                            return Err(format!(
                                "Query exceeds maximum total selections of {MAX_SELECTIONS}"
                            ));
                        }
                        aliases += usize::from(field.alias.is_some());
                        self.root_fields += usize::from(depth == 1);
                        if !field.selection_set.is_empty() {
                            self.level(&field.selection_set, depth + 1)?;
                        }
                    }
                    Selection::InlineFragment(fragment) => waiting.push(&fragment.selection_set),
                    Selection::FragmentSpread(used) => {
                        let name = used.fragment_name.as_str();
                        if let Some(fragment) = self.fragments.get(name).filter(|_| spread.insert(name)) {
                            waiting.push(&fragment.selection_set);
                        }
                    }
                }
            }
        }
        self.aliases = self.aliases.max(aliases);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(query: &str) -> Result<(), String> {
        check(&Document::parse(query, "test").unwrap())
    }

    fn repeated(count: usize, text: impl Fn(usize) -> String) -> String {
        (0..count).map(text).collect::<Vec<_>>().join(" ")
    }

    fn nested(depth: usize) -> String {
        format!("{}x{}", "{ x ".repeat(depth - 1) + "{ ", " }".repeat(depth))
    }

    #[test]
    fn each_limit_holds_exactly() {
        let aliased = |count| format!("{{ a {{ {} }} }}", repeated(count, |i| format!("a{i}: x")));
        let in_fragments = |count| {
            let spreads = repeated(count, |i| format!("...f{i}"));
            let fragments = repeated(count, |i| format!("fragment f{i} on T {{ a{i}: x }}"));
            format!("{{ a {{ {spreads} }} }} {fragments}")
        };
        let roots = |count| format!("{{ {} }}", repeated(count, |i| format!("x{i}")));
        let in_two_operations = |count| {
            format!(
                "query A {{ {} }} query B {{ y }}",
                repeated(count - 1, |i| format!("x{i}"))
            )
        };
        for (what, of, limit) in [
            ("aliases", &aliased as &dyn Fn(usize) -> String, 10),
            ("aliases", &in_fragments, 10),
            ("root fields", &roots, 10),
            ("root fields", &in_two_operations, 10),
            ("depth", &nested, 10),
        ] {
            assert_eq!(checked(&of(limit)), Ok(()), "{what}");
            let refused = checked(&of(limit + 1)).unwrap_err();
            assert!(refused.contains(what), "{refused}");
        }
        let selections = |count: usize| format!("{{ a {{ {} }} }}", "x ".repeat(count - 1));
        assert_eq!(checked(&selections(1000)), Ok(()));
        assert!(checked(&selections(1001)).unwrap_err().contains("selections"));
    }

    #[test]
    fn fragments_that_use_themselves_end() {
        let refused = checked("{ a { ...f } } fragment f on T { x { ...f } }").unwrap_err();
        assert!(refused.contains("depth"), "{refused}");
        assert_eq!(checked("{ a { ...f } } fragment f on T { x ...f }"), Ok(()));
    }
}
