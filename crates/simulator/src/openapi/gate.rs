//! The file, compiled as far as it was needed, and what it has against an exchange.

use std::collections::HashMap;
use std::sync::Arc;

use jsonschema::{Draft, Registry, Validator};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::openapi::{Exchange, corrections, finding};

/// What references into the file begin with, for answers and for requests.
const ANSWERS: &str = "urn:discord:answers";
const REQUESTS: &str = "urn:discord:requests";
const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// The file, and what was compiled of it so far.
pub(crate) struct Gate {
    document: Value,
    registry: Registry<'static>,
    operations: Vec<Operation>,
    /// By the place of the schema in the file.
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

struct Operation {
    method: String,
    path: String,
    name: String,
}

impl Operation {
    /// Where this operation stands in the file, as a JSON pointer.
    fn pointer(&self) -> String {
        format!("/paths/{}/{}", escaped(&self.path), self.method)
    }

    /// How many parts of the path fit by name; `None` when one does not fit at all.
    fn fit(&self, method: &str, path: &str) -> Option<usize> {
        let (own, parts): (Vec<_>, Vec<_>) = (self.parts().collect(), path.split('/').collect());
        if !self.method.eq_ignore_ascii_case(method) || own.len() != parts.len() {
            return None;
        }
        own.iter().zip(parts).try_fold(0, |named, (own, part)| {
            let is_open = own.starts_with('{');
            (is_open || *own == part).then_some(named + usize::from(!is_open))
        })
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.path.trim_start_matches('/').split('/')
    }
}

impl Gate {
    pub(super) fn read(path: &str) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let mut document: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let operations = operations(&document);
        if operations.is_empty() {
            return Err("expected an OpenAPI file with paths".to_owned());
        }
        corrections::apply(&mut document)?;
        let mut of_requests = document.clone();
        corrections::apply_to_requests(&mut of_requests)?;
        let resource = |document| Draft::Draft202012.create_resource(document);
        let registry = Registry::new()
            .add(ANSWERS, resource(document.clone()))
            .and_then(|both| both.add(REQUESTS, resource(of_requests)))
            .and_then(jsonschema::RegistryBuilder::prepare);
        Ok(Self {
            registry: registry.map_err(|error| error.to_string())?,
            document,
            operations,
            compiled: Mutex::default(),
        })
    }

    /// What the file has against this request and its answer, one sentence each.
    pub(crate) fn check(&self, exchange: &Exchange<'_>) -> Vec<String> {
        let fits = self.operations.iter().filter_map(|operation| {
            let named = operation.fit(exchange.method, exchange.path)?;
            Some((named, operation))
        });
        let Some((_, operation)) = fits.max_by_key(|(named, _)| *named) else {
            return Vec::new();
        };
        let mut found = self.check_answer(operation, exchange);
        if (200..300).contains(&exchange.status) {
            found.extend(self.check_request(operation, exchange));
        }
        found
    }

    fn check_request(&self, operation: &Operation, exchange: &Exchange<'_>) -> Vec<String> {
        let pointer = format!("{}/requestBody", operation.pointer());
        let Some(body) = self.document.pointer(&pointer) else {
            return Vec::new();
        };
        if exchange.request.is_null() {
            let is_needed = body["required"] == true && !exchange.is_multipart;
            let missing = format!("{} request: expected a body, found none", operation.name);
            return if is_needed { vec![missing] } else { Vec::new() };
        }
        let kind = match exchange.is_multipart {
            true => "multipart/form-data",
            false => "application/json",
        };
        let schema = format!("{pointer}/content/{}/schema", escaped(kind));
        self.hold(
            &format!("{} request", operation.name),
            (REQUESTS, &schema),
            exchange.request,
        )
    }

    fn check_answer(&self, operation: &Operation, exchange: &Exchange<'_>) -> Vec<String> {
        let (name, status) = (&operation.name, exchange.status);
        if status >= 500 {
            // Gaps and injected faults; no client is promised a form for these.
            return Vec::new();
        }
        let responses = format!("{}/responses", operation.pointer());
        let known = self.document.pointer(&responses).unwrap_or(&Value::Null);
        let key = match known.get(status.to_string()) {
            Some(_) => status.to_string(),
            None if (400..500).contains(&status) => "4XX".to_owned(),
            None => {
                let known = known
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(key, _)| key.as_str());
                let known = known.collect::<Vec<_>>().join(", ");
                return vec![format!(
                    "{name} answer: expected a status of [{known}], found {status}"
                )];
            }
        };
        let mut place = format!("{responses}/{key}");
        let shared = self
            .document
            .pointer(&place)
            .and_then(|it| it["$ref"].as_str());
        if let Some(shared) = shared {
            place = shared.trim_start_matches('#').to_owned();
        }
        let schema = format!("{place}/content/application~1json/schema");
        match (exchange.answer, self.document.pointer(&schema)) {
            (Some(body), Some(_)) => {
                self.hold(&format!("{name} answer {status}"), (ANSWERS, &schema), body)
            }
            (None, Some(_)) => vec![format!(
                "{name} answer {status}: expected a body, found none"
            )],
            (Some(_), None) => vec![format!(
                "{name} answer {status}: expected no body, found one"
            )],
            (None, None) => Vec::new(),
        }
    }

    fn hold(&self, what: &str, place: (&str, &str), body: &Value) -> Vec<String> {
        let validator = match self.validator(place) {
            Ok(validator) => validator,
            Err(error) => return vec![format!("{what}: the schema at {}: {error}", place.1)],
        };
        let errors = validator.iter_errors(body);
        let findings = errors.map(|error| finding::Finding::of(&error));
        findings.map(|it| format!("{what} {it}")).collect()
    }

    fn validator(&self, (document, schema): (&str, &str)) -> Result<Arc<Validator>, String> {
        let mut compiled = self.compiled.lock();
        if let Some(known) = compiled.get(schema) {
            return Ok(Arc::clone(known));
        }
        // Braces stand in the paths of the file, but not in a URI.
        let place = schema.replace('{', "%7B").replace('}', "%7D");
        let reference = json!({ "$ref": format!("{document}#{place}") });
        let options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.registry);
        let validator = options
            .build(&reference)
            .map_err(|error| error.to_string())?;
        let validator = Arc::new(validator);
        compiled.insert(schema.to_owned(), Arc::clone(&validator));
        Ok(validator)
    }
}

fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |method| {
                let name = item[*method]["operationId"].as_str()?;
                Some(Operation {
                    method: (*method).to_owned(),
                    path: path.clone(),
                    name: name.to_owned(),
                })
            })
        })
        .collect()
}

/// A key as a step of a JSON pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
