//! Answers to what could not be read as an HTTP request. The dispatcher gives them before there is a request that the app could
//! see, with a status and nothing else; here they become problem documents.

use bytes::Bytes;

use super::problem;

/// Statuses of such answers, with the code and the words for them.
const ANSWERS: [(&[u8], &str, &str); 3] = [
    (
        b"400",
        "invalid_request",
        "This is not a well-formed HTTP request. Characters beyond ASCII in an address must be percent-encoded.",
    ),
    (b"408", "invalid_request", "The request did not arrive in time."),
    (b"431", "too_large", "The head of the request is too large."),
];

/// What is to be written in place of `written`: `None` unless that is the whole head of an empty answer of these statuses. The app
/// itself gives none of them without a body. Where the head of the request `is_large`, that is why it could not be read.
pub(super) fn in_place_of(written: &[u8], is_large: bool) -> Option<Bytes> {
    let status = written.strip_prefix(b"HTTP/1.1 ")?;
    let answers = |status: &[u8]| ANSWERS.into_iter().find(|(digits, ..)| status.starts_with(digits));
    let (_, mut code, mut detail) = answers(status)?;
    let head = std::str::from_utf8(written.strip_suffix(b"\r\n\r\n")?).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?;
    let header = |name: &str| {
        lines.clone().filter_map(|line| line.split_once(": ")).find(|(given, _)| given.eq_ignore_ascii_case(name))
    };
    if head.contains("\r\n\r\n") || header("content-length")?.1 != "0" {
        return None;
    }
    if is_large {
        (_, code, detail) = answers(b"431")?;
        first = "HTTP/1.1 431 Request Header Fields Too Large";
    }
    let status = first.split(' ').nth(1)?.parse().ok()?;
    let body = problem::document(status, code, detail.to_owned());
    let date = header("date").map(|(_, date)| format!("date: {date}\r\n")).unwrap_or_default();
    let answer = format!(
        "{first}\r\ncontent-type: {}\r\ncontent-length: {}\r\ncache-control: no-store\r\nx-content-type-options: \
         nosniff\r\nconnection: close\r\n{date}\r\n{body}",
        problem::PROBLEM_JSON,
        body.len()
    );
    Some(answer.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_answer_becomes_a_document() {
        let empty = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: Sat\r\n\r\n";
        let answer = String::from_utf8(in_place_of(empty, false).unwrap().to_vec()).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n") && answer.contains("\r\ndate: Sat\r\n"), "{answer}");
        let large = String::from_utf8(in_place_of(empty, true).unwrap().to_vec()).unwrap();
        assert!(large.starts_with("HTTP/1.1 431 ") && large.contains(r#""status":431"#), "{large}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}", body.len())) && body.contains(r#""code":"invalid_request""#)
        );
    }

    #[test]
    fn every_other_answer_stays_as_it_is() {
        for other in [
            "",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 7\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
        ] {
            assert_eq!(in_place_of(other.as_bytes(), false), None, "{other}");
        }
    }
}
