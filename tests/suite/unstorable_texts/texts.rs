//! What replaces a text of an otherwise valid value.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::kit::*;

/// Characters of a long text.
const LONG: u64 = 3_000;

/// The texts to send in place of `example`: that one with a NUL inside, and a long one.
pub fn unstorable(field: &str, example: &str) -> Vec<String> {
    let letters: Vec<char> = example.chars().collect();
    let (before, behind) = letters.split_at(letters.len().div_ceil(2));
    let with_nul = [before, &['\0'], behind].concat().into_iter().collect();
    let mut texts = vec![with_nul, long(field)];
    if field == "cursor" {
        // What is looked up is the name in it.
        texts.extend(texts.clone().iter().map(|name| URL_SAFE_NO_PAD.encode(name)));
    }
    texts
}

/// Of random characters, since databases compress what repeats.
fn long(field: &str) -> String {
    let mut random = Random::new(LONG);
    if field == "emoji" {
        // One grapheme: a letter with accents.
        let accents = (1..LONG).map(|_| char::from_u32(0x300 + random.below(0x70) as u32).unwrap());
        return std::iter::once('e').chain(accents).collect();
    }
    (0..LONG).map(|_| char::from_digit(random.below(36) as u32, 36).unwrap()).collect()
}

/// Copies of a JSON object, each with one text replaced by an unstorable one, and with the path of that text. Names of fields
/// are texts too in objects that are values, since there a client may choose them.
pub fn variants(object: &Value) -> Vec<(String, Value)> {
    let mut places = Vec::new();
    find(object, String::new(), &mut places);
    let copies = |place: Place| {
        let field = place.path.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default().to_owned();
        unstorable(&field, &place.example).into_iter().map(move |text| {
            let mut copy = object.clone();
            let at = copy.pointer_mut(&place.path).unwrap();
            match (&place.name, at) {
                (Some(name), Value::Object(fields)) => {
                    let value = fields.remove(name).unwrap();
                    fields.insert(text, value);
                }
                (_, at) => *at = json!(text),
            }
            (place.path.clone(), copy)
        })
    };
    places.into_iter().flat_map(copies).collect()
}

struct Place {
    /// A JSON pointer.
    path: String,
    /// The text is this name of a field of the object at the path, and not the value there.
    name: Option<String>,
    example: String,
}

fn find(value: &Value, path: String, places: &mut Vec<Place>) {
    match value {
        Value::String(example) => places.push(Place { path, name: None, example: example.clone() }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| find(item, format!("{path}/{at}"), places));
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                if !path.is_empty() {
                    places.push(Place { path: path.clone(), name: Some(name.clone()), example: name.clone() });
                }
                find(field, format!("{path}/{name}"), places);
            }
        }
        _ => {}
    }
}

#[test]
fn every_text_of_an_object_is_replaced_in_a_copy_of_its_own() {
    let object = json!({"a": "xy", "b": 1, "c": ["z"], "d": {"e": 2}});
    let found: Vec<(String, Value)> = variants(&object).into_iter().step_by(2).collect();
    let expected = [
        ("/a", json!({"a": "x\0y", "b": 1, "c": ["z"], "d": {"e": 2}})),
        ("/c/0", json!({"a": "xy", "b": 1, "c": ["z\0"], "d": {"e": 2}})),
        ("/d", json!({"a": "xy", "b": 1, "c": ["z"], "d": {"e\0": 2}})),
    ];
    assert_eq!(found, expected.map(|(path, copy)| (path.to_owned(), copy)));
    assert!(variants(&object).iter().skip(1).step_by(2).all(|(_, copy)| copy.to_string().len() > 3_000));
}
