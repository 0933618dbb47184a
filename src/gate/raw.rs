//! The SDK's values as the treatments read them.

use crate::privacy::Raw;
use opentelemetry::logs::AnyValue;
use opentelemetry::{Array, StringValue, Value};

/// A value that the SDK carries.
pub(super) trait ToRaw {
    /// Shows the value to `read`.
    fn with_raw<T>(&self, read: impl FnOnce(Raw<'_>) -> T) -> T;
}

impl ToRaw for Value {
    fn with_raw<T>(&self, read: impl FnOnce(Raw<'_>) -> T) -> T {
        match self {
            Self::Bool(value) => read(Raw::Boolean(*value)),
            Self::I64(value) => read(Raw::Integer(*value)),
            Self::F64(value) => read(Raw::Float(*value)),
            Self::String(text) => read(Raw::Text(text.as_str())),
            Self::Array(Array::String(list)) => {
                let list: Vec<_> = list.iter().map(StringValue::as_str).collect();
                read(Raw::List(&list))
            }
            _ => read(Raw::Other),
        }
    }
}

impl ToRaw for AnyValue {
    fn with_raw<T>(&self, read: impl FnOnce(Raw<'_>) -> T) -> T {
        match self {
            Self::Boolean(value) => read(Raw::Boolean(*value)),
            Self::Int(value) => read(Raw::Integer(*value)),
            Self::Double(value) => read(Raw::Float(*value)),
            Self::String(text) => read(Raw::Text(text.as_str())),
            Self::ListAny(list) => {
                let texts =
                    list.iter().map(|value| if let Self::String(text) = value { Some(text.as_str()) } else { None });
                match texts.collect::<Option<Vec<_>>>() {
                    Some(list) => read(Raw::List(&list)),
                    None => read(Raw::Other),
                }
            }
            _ => read(Raw::Other),
        }
    }
}
