//! JSON that programs read.

use serde::{Serialize, Serializer};

/// A double that round-trips; JSON has no infinities and no NaN, so those are strings.
#[derive(Clone, Copy)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_nan() => serializer.serialize_str("NaN"),
            f64::INFINITY => serializer.serialize_str("Infinity"),
            f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
            value => serializer.serialize_f64(value),
        }
    }
}

/// Any document, as one line of JSON.
pub fn text(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("documents have string keys and finite numbers") + "\n"
}
