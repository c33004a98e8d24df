//! Responses to malformed HTTP requests. The dispatcher sends them, with a status and no body, before there is a request for the app;
//! here they become problem documents.

use bytes::Bytes;

use super::problem;

/// The statuses of such responses, with their codes and details.
const PROBLEMS: [(&[u8], &str, &str); 3] = [
    (
        b"400",
        "invalid_request",
        "This is not a well-formed HTTP request. Characters beyond ASCII in an address must be percent-encoded.",
    ),
    (b"408", "invalid_request", "The request did not arrive in time."),
    (b"431", "too_large", "The head of the request is too large."),
];

/// The problem document to write in place of `written`; `None` unless that is the whole head of an empty response with one of these
/// statuses, which the app itself never sends. A request whose head `is_large` was malformed for that reason.
pub(super) fn problem_for(written: &[u8], is_large: bool) -> Option<Bytes> {
    let status = written.strip_prefix(b"HTTP/1.1 ")?;
    let problem_of = |status: &[u8]| PROBLEMS.into_iter().find(|(digits, ..)| status.starts_with(digits));
    let (_, mut code, mut detail) = problem_of(status)?;
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
        (_, code, detail) = problem_of(b"431")?;
        first = "HTTP/1.1 431 Request Header Fields Too Large";
    }
    let status = first.split(' ').nth(1)?.parse().ok()?;
    let body = problem::document(status, code, detail.to_owned());
    let date = header("date").map(|(_, date)| format!("date: {date}\r\n")).unwrap_or_default();
    let response = format!(
        "{first}\r\ncontent-type: {}\r\ncontent-length: {}\r\ncache-control: no-store\r\nx-content-type-options: \
         nosniff\r\nconnection: close\r\n{date}\r\n{body}",
        problem::PROBLEM_JSON,
        body.len()
    );
    Some(response.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_error_becomes_a_problem_document() {
        let empty = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: Sat\r\n\r\n";
        let answer = String::from_utf8(problem_for(empty, false).unwrap().to_vec()).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n") && answer.contains("\r\ndate: Sat\r\n"), "{answer}");
        let large = String::from_utf8(problem_for(empty, true).unwrap().to_vec()).unwrap();
        assert!(large.starts_with("HTTP/1.1 431 ") && large.contains(r#""status":431"#), "{large}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}", body.len())) && body.contains(r#""code":"invalid_request""#)
        );
    }

    #[test]
    fn every_other_response_is_unchanged() {
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
            assert_eq!(problem_for(other.as_bytes(), false), None, "{other}");
        }
    }
}
