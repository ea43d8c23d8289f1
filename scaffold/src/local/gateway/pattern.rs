//! Matches request paths with those of routes: `/orders/{id}`, `/files/{path+}`.

use std::cmp::Ordering;

use percent_encoding::percent_decode_str;

#[derive(Debug)]
pub(super) struct PathPattern {
    segments: Vec<Segment>,
}

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Variable(String),
    /// `{name+}`: the rest of the path, which must not be empty.
    Greedy(String),
}

impl PathPattern {
    pub(super) fn new(path: &str) -> Self {
        let segments = path.trim_start_matches('/').split('/').map(|segment| {
            let name = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            match name.map(|name| (name, name.strip_suffix('+'))) {
                Some((_, Some(name))) => Segment::Greedy(name.to_owned()),
                Some((name, None)) => Segment::Variable(name.to_owned()),
                None => Segment::Literal(segment.to_owned()),
            }
        });
        Self { segments: segments.collect() }
    }

    /// Returns the values of the variables, still percent-encoded, if the path matches.
    pub(super) fn matches(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut rest = Some(path.strip_prefix('/')?);
        let mut variables = Vec::new();
        for segment in &self.segments {
            let path = rest?;
            let (first, others) = match path.split_once('/') {
                Some((first, others)) => (first, Some(others)),
                None => (path, None),
            };
            rest = others;
            match segment {
                Segment::Literal(literal) => {
                    percent_decode_str(first).eq(literal.bytes()).then_some(())?;
                }
                Segment::Variable(_) if first.is_empty() => return None,
                Segment::Variable(name) => variables.push((name.clone(), first.to_owned())),
                Segment::Greedy(_) if path.is_empty() => return None,
                Segment::Greedy(name) => {
                    variables.push((name.clone(), path.to_owned()));
                    rest = None;
                }
            }
        }
        rest.is_none().then_some(variables)
    }

    /// Orders patterns as API Gateway prefers them: the more specific one comes first.
    pub(super) fn precedence(&self, other: &Self) -> Ordering {
        self.segments.iter().map(Segment::rank).cmp(other.segments.iter().map(Segment::rank))
    }
}

impl Segment {
    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Variable(_) => 1,
            Self::Greedy(_) => 2,
        }
    }
}
