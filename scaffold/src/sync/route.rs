//! A method and a path, as the code and the template write them.

use std::fmt;

/// A method and a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Route {
    /// In upper case, or `ANY`.
    pub(crate) method: String,
    /// `/orders/{id}`, `/{proxy+}` or `$default`.
    pub(crate) path: String,
}

impl Route {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let method = method.to_ascii_uppercase();
        let is_any = matches!(method.as_str(), "*" | "X-AMAZON-APIGATEWAY-ANY-METHOD");
        Self { method: if is_any { "ANY".to_owned() } else { method }, path: path.to_owned() }
    }

    /// Parses `GET /orders/{id}`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (method, path) = text.split_once(' ')?;
        Some(Self::new(method, path))
    }

    /// Checks whether every request for the other route arrives through this one: they are the same but
    /// for the names of their placeholders, or this one takes any method, or every path.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        (self.method == "ANY" || self.method == other.method)
            && (self.path == "$default" || covers_path(&self.path, &other.path))
    }

    /// Checks whether a request can be for both routes.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let is_any = [self, other].iter().any(|route| route.method == "ANY");
        // A `HEAD` request is answered by a handler for `GET`.
        let is_head = self.method == "HEAD" && other.method == "GET";
        (is_any || is_head || self.method == other.method)
            && (self.path == "$default" || overlap(&self.path, &other.path))
    }
}

impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "$default" => formatter.write_str("$default"),
            path => write!(formatter, "{} {path}", self.method),
        }
    }
}

fn covers_path(path: &str, other: &str) -> bool {
    let (mut own, mut others) = (path.split('/'), other.split('/'));
    loop {
        match (own.next(), others.next()) {
            (None, None) => return true,
            (Some(greedy), Some(other)) if is_greedy(greedy) => return !other.is_empty(),
            (Some(own), Some(other)) => {
                let is_same = if is_placeholder(own) {
                    is_placeholder(other) && !is_greedy(other)
                } else {
                    own == other
                };
                if !is_same {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

fn overlap(one: &str, other: &str) -> bool {
    let (mut ones, mut others) = (one.split('/'), other.split('/'));
    loop {
        match (ones.next(), others.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if is_greedy(one) || is_greedy(other) => {
                return !one.is_empty() && !other.is_empty();
            }
            (Some(one), Some(other)) => {
                if !(is_placeholder(one) || is_placeholder(other) || one == other) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

fn is_placeholder(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

fn is_greedy(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with("+}")
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn a_route_covers_those_whose_requests_it_takes() {
        for (template, code, covers) in [
            ("GET /orders", "GET /orders", true),
            ("GET /orders", "POST /orders", false),
            ("ANY /orders", "POST /orders", true),
            ("GET /orders", "ANY /orders", false),
            ("GET /orders/{orderId}", "GET /orders/{id}", true),
            ("GET /orders/{id}", "GET /orders/latest", false),
            ("ANY /{proxy+}", "GET /orders/{id}", true),
            ("ANY /{proxy+}", "GET /", false),
            ("ANY /{proxy+}", "GET /files/{path+}", true),
            ("GET /files/{path}", "GET /files/{path+}", false),
            ("ANY /api/{proxy+}", "GET /orders", false),
            ("ANY $default", "ANY /", true),
        ] {
            let routes = [template, code].map(|text| Route::parse(text).unwrap());
            assert_eq!(routes[0].covers(&routes[1]), covers, "{template}, {code}");
        }
    }
}
