//! The first line and the headers of a message, in one piece: most are dropped unread.

use hyper::HeaderMap;
use hyper::http::request::Parts;

/// The first line and the headers of a request or a response.
#[derive(Debug)]
pub(crate) struct Head(Box<[u8]>);

impl Head {
    /// The head of a request: `GET /orders?page=2`, and its headers.
    pub(crate) fn of_request(head: &Parts) -> Self {
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        Self::new(&[head.method.as_str(), " ", target], &head.headers)
    }

    /// The head of a response: `200`, and its headers.
    pub(crate) fn of_response<T>(response: &hyper::Response<T>) -> Self {
        Self::new(&[response.status().as_str()], response.headers())
    }

    fn new(first: &[&str], headers: &HeaderMap) -> Self {
        let lengths = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 2);
        let length = first.iter().map(|part| part.len()).sum::<usize>() + lengths.sum::<usize>();
        let mut bytes = Vec::with_capacity(length);
        for part in first {
            bytes.extend_from_slice(part.as_bytes());
        }
        // Neither names nor values contain line breaks, and names contain no colons.
        for (name, value) in headers {
            bytes.push(b'\n');
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.push(b':');
            bytes.extend_from_slice(value.as_bytes());
        }
        Self(bytes.into_boxed_slice())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the first line, and the headers in their order.
    pub(super) fn parse(&self) -> (String, Vec<(String, String)>) {
        let text = String::from_utf8_lossy(&self.0);
        let mut lines = text.split('\n');
        let first = lines.next().unwrap_or_default().to_owned();
        let pairs = lines.filter_map(|line| line.split_once(':'));
        (first, pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    pub(super) fn first_line(&self) -> String {
        let first = self.0.split(|byte| *byte == b'\n').next();
        String::from_utf8_lossy(first.unwrap_or_default()).into_owned()
    }
}
