//! What the tests of `check` share: registries with every treatment, clean requests, and OTLP by its own files.

pub mod clean;
pub mod proto;
pub mod tables;

use serde_json::Value;

/// Puts a value at a JSON pointer: over what is there, as a new field, or (`/-`) at the end of a list.
pub fn set(request: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
    match request.pointer_mut(parent).expect("the parent is there") {
        Value::Object(fields) => drop(fields.insert(name.to_owned(), value)),
        Value::Array(values) => match name.parse::<usize>() {
            Ok(index) => values[index] = value,
            Err(_) => values.push(value),
        },
        _ => panic!("{parent} holds nothing"),
    }
}

/// A JSON pointer as findings write it: `/a/0/b` is `a[0].b`.
pub fn path(pointer: &str) -> String {
    let mut path = String::new();
    for step in pointer.split('/').skip(1) {
        match step.parse::<usize>() {
            Ok(index) => path.push_str(&format!("[{index}]")),
            Err(_) if path.is_empty() => path.push_str(step),
            Err(_) => path.push_str(&format!(".{step}")),
        }
    }
    path
}
