//! From the text of a request to the root fields it asks for.

use std::cell::RefCell;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::parser::Parser;
use apollo_compiler::request::{RequestError, coerce_variable_values};
use apollo_compiler::resolvers::{Execution, FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::{GraphQLError, JsonMap, JsonValue};
use apollo_compiler::validation::{DiagnosticList, Valid};
use serde_json::{Map, Value};

use super::{RootField, SCHEMA, limits};

/// Words, numbers and signs of a request, and the white space between them.
const MAX_TOKENS: usize = 2000;
/// What the parser may have open at one time.
const MAX_NESTING: usize = 100;

/// A request that is not executed, with why.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Vec<String>);

impl Refused {
    fn because(message: impl Into<String>) -> Self {
        Self(vec![message.into()])
    }
}

impl From<DiagnosticList> for Refused {
    fn from(errors: DiagnosticList) -> Self {
        Self(errors.iter().map(|error| error.to_json().message).collect())
    }
}

impl From<RequestError> for Refused {
    fn from(error: RequestError) -> Self {
        Self::because(error.message().to_string())
    }
}

/// A checked request: one operation with its variables.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(super) document: Valid<ExecutableDocument>,
    pub(super) name: Option<String>,
    pub(super) variables: Valid<JsonMap>,
}

/// A root field that a request asks for.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Its name in the answer.
    pub(crate) key: String,
    pub(crate) field: RootField,
    /// Its arguments as JSON.
    pub(crate) arguments: Map<String, Value>,
    /// Names of the fields that are selected two levels below it, as in `run { experiment }`.
    pub(crate) selected: Vec<String>,
}

impl Operation {
    /// Parses and checks a request. Costs processor time that grows with its size, which is limited.
    pub(crate) fn parse(
        query: &str,
        name: Option<String>,
        variables: Map<String, Value>,
    ) -> Result<Self, Refused> {
        let document = Parser::new()
            .token_limit(MAX_TOKENS)
            .recursion_limit(MAX_NESTING)
            .parse_ast(query, "query")
            .map_err(|refused| refused.errors)?;
        limits::check(&document).map_err(Refused::because)?;
        let document = document
            .to_executable_validate(&SCHEMA)
            .map_err(|refused| refused.errors)?;
        let operation = document.operations.get(name.as_deref())?;
        let JsonValue::Object(variables) = JsonValue::from(Value::Object(variables)) else {
            return Err(Refused::because("`variables` is no object"));
        };
        let variables = coerce_variable_values(&SCHEMA, operation, &variables)?;
        Ok(Self {
            document,
            name,
            variables,
        })
    }

    /// The root fields it asks for.
    pub(crate) fn root_fields(&self) -> Result<Vec<Asked>, Refused> {
        let listing = Listing {
            type_name: self.document.operations.get(self.name.as_deref())?.object_type(),
            asked: RefCell::default(),
        };
        let (_, errors) = self.execute(&listing)?;
        match errors.first() {
            None => Ok(listing.asked.into_inner()),
            Some(error) => Err(Refused::because(&error.message)),
        }
    }

    /// Executes the operation on a value for its root: data and errors.
    pub(super) fn execute(
        &self,
        root: &dyn ObjectValue,
    ) -> Result<(Option<JsonMap>, Vec<GraphQLError>), Refused> {
        let executed = Execution::new(&SCHEMA, &self.document)
            .operation_name(self.name.as_deref())?
            .coerced_variable_values(&self.variables)
            .enable_schema_introspection(true)
            .execute_sync(root)?;
        Ok((executed.data, executed.errors))
    }
}

/// A root that notes what it is asked for and answers nothing: variables, defaults, fragments, `@skip` and `@include`
/// are all worked in by then.
struct Listing<'d> {
    type_name: &'d str,
    asked: RefCell<Vec<Asked>>,
}

impl ObjectValue for Listing<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let Some(field) = RootField::named(info.field_name()) else {
            return Err(self.unknown_field_error(info));
        };
        let selections = info.field_selections();
        let below = selections
            .iter()
            .flat_map(|field| field.selection_set.all_fields(info.document()));
        let Ok(Value::Object(arguments)) = serde_json::to_value(info.arguments()) else {
            return Err(FieldError {
                message: "the arguments are no object".to_owned(),
            });
        };
        self.asked.borrow_mut().push(Asked {
            key: selections[0].response_key().to_string(),
            field,
            arguments,
            selected: below.map(|field| field.name.to_string()).collect(),
        });
        Ok(ResolvedValue::SkipForPartialExecution)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "query", "mutation", "fragment", "F", "on", "Query", "...", "{", "}", "(", ")", "mlflowGetRun", "input:",
                    "run", "info", "runId", "$a", ":", "String!", "=", "\"x\"", "\"\"\"", "1e999", "@skip(if:", "@component", "[",
                    "]", "__schema", "types", "a:", "null", "#", "\u{feff}", "ü",
                ]),
                0..60,
            )
        ) {
            let parsed = Operation::parse(&words.join(" "), None, Map::new());
            if let Ok(operation) = parsed {
                let _ = operation.root_fields();
            }
        }
    }

    #[test]
    fn a_long_and_a_deep_request_are_refused() {
        let long = format!("{{ {} }}", "__typename ".repeat(1100));
        let deep = "{ a ".repeat(5000);
        let list = format!("{{ test(inputString: {}) {{ output }} }}", "[".repeat(5000));
        for query in [long, deep, list] {
            assert!(
                Operation::parse(&query, None, Map::new()).is_err(),
                "{:.40}",
                query
            );
        }
    }
}
