//! From the answers of the REST handlers to what was selected of them.

use std::collections::HashMap;

use apollo_compiler::ast::Type;
use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::{GraphQLError, JsonValue};
use apollo_compiler::schema::ExtendedType;
use oxflow_wire::GraphqlAnswer;
use serde_json::{Map, Value};

use super::SCHEMA;
use super::document::{Operation, Refused};

/// Answers of root fields by their name in the answer: what REST would say, or the sentence of the error.
pub(crate) type Answers = HashMap<String, Result<Value, String>>;

/// Picks what the operation selects. Costs processor time that grows with the answers.
pub(crate) fn project(operation: &Operation, answers: &Answers) -> Result<GraphqlAnswer, Refused> {
    let type_name = operation
        .document
        .operations
        .get(operation.name.as_deref())?
        .object_type();
    let (data, errors) = operation.execute(&Root { type_name, answers })?;
    Ok(GraphqlAnswer {
        data: data.and_then(|data| serde_json::to_value(data).ok()),
        errors: (!errors.is_empty()).then(|| errors.iter().map(sentence).collect()),
    })
}

/// The library says before each sentence whose error it is.
fn sentence(error: &GraphQLError) -> String {
    let message = error.message.as_str();
    message
        .strip_prefix("resolver error: ")
        .unwrap_or(message)
        .to_owned()
}

struct Root<'a> {
    type_name: &'a str,
    answers: &'a Answers,
}

impl ObjectValue for Root<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        match self
            .answers
            .get(info.field_selections()[0].response_key().as_str())
        {
            None => Err(self.unknown_field_error(info)),
            Some(Err(message)) => Err(FieldError {
                message: message.clone(),
            }),
            Some(Ok(Value::Null)) => Ok(ResolvedValue::null()),
            Some(Ok(answer)) => Ok(resolve(&info.field_definition().ty, Some(answer))),
        }
    }
}

/// An object of an answer; one that is not there has nothing but defaults, as in a protobuf message.
struct Object<'a> {
    type_name: &'a str,
    json: Option<&'a Map<String, Value>>,
}

impl ObjectValue for Object<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let name = snake_case(info.field_name());
        let value = self.json.and_then(|json| json.get(&name));
        Ok(resolve(&info.field_definition().ty, value))
    }
}

/// A value in the form its type has in GraphQL.
fn resolve<'a>(ty: &'a Type, value: Option<&'a Value>) -> ResolvedValue<'a> {
    match ty {
        Type::List(item) | Type::NonNullList(item) => {
            let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            ResolvedValue::list(items.iter().map(|value| resolve(item, Some(value))))
        }
        Type::Named(name) | Type::NonNullNamed(name) => match SCHEMA.types.get(name) {
            // REST tells errors by status; MLflow never fills this in.
            Some(ExtendedType::Object(_)) if name == "ApiError" && value.is_none() => ResolvedValue::null(),
            Some(ExtendedType::Object(_)) => ResolvedValue::object(Object {
                type_name: name,
                json: value.and_then(Value::as_object),
            }),
            _ => ResolvedValue::leaf(leaf(name, value)),
        },
    }
}

/// A scalar. Integers of 64 bits are texts; a number that JSON lacks is null.
fn leaf(type_name: &str, value: Option<&Value>) -> JsonValue {
    match (type_name, value) {
        ("LongString", None) => "0".into(),
        ("LongString", Some(Value::Number(number))) => number.to_string().into(),
        ("String", None) => "".into(),
        ("Boolean", None) => false.into(),
        ("Float", None) => 0.0.into(),
        ("Float", Some(value)) => value.as_f64().map_or(JsonValue::Null, Into::into),
        (_, None) => JsonValue::Null,
        (_, Some(value)) => value.clone().into(),
    }
}

/// `runId` as `run_id`: fields of GraphQL and of REST differ in nothing else.
pub(super) fn snake_case(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
