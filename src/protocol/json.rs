//! JSON of frames.

use serde::{Deserialize, Serialize};

use crate::domain::{Refusal, malformed};

/// Deserializes `json`. An error names the field; `whole` is what it calls the JSON itself.
pub(super) fn read<'a, T: Deserialize<'a>>(whole: &str, json: &'a str) -> Result<T, Refusal> {
    serde_json::from_str(json).map_err(|_| {
        // Reads it again, to find the field.
        let mut reader = serde_json::Deserializer::from_str(json);
        match serde_path_to_error::deserialize::<_, T>(&mut reader) {
            Err(error) if error.inner().is_data() => {
                malformed(whole, &error.path().to_string(), &error.inner().to_string())
            }
            Err(_) => Refusal::invalid(format!("{whole} is not valid JSON")),
            Ok(_) => Refusal::invalid(format!("{whole} must be one JSON object, and nothing behind it")),
        }
    })
}

/// True for an object, where the JSON is valid. serde also accepts an array of a struct's fields in order.
pub(super) fn is_object(json: &str) -> bool {
    json.trim_start().starts_with('{')
}

pub(super) fn write<T: Serialize + ?Sized>(to: &mut Vec<u8>, value: &T) {
    // Writing to memory cannot fail, and all types of frames can be serialized.
    let written = serde_json::to_writer(to, value);
    debug_assert!(written.is_ok());
}
