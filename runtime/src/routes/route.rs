//! A method and a path.

/// A route of a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method in upper case, or `ANY`.
    pub method: &'static str,
    /// The path, with placeholders: `/orders/{id}`, `/files/{path+}`.
    pub path: &'static str,
}

impl Route {
    /// Tells whether the last placeholder takes the rest of the path.
    pub(super) fn is_greedy(&self) -> bool {
        self.path.ends_with("+}")
    }

    /// Returns the names of the placeholders in order.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &'static str> + use<> {
        let names = self.path.split('/').filter_map(|segment| segment.strip_prefix('{'));
        names.map(|name| name.trim_end_matches('}').trim_end_matches('+'))
    }

    /// Tells whether a request with that method is for this route, if it has its path.
    pub(super) fn takes(&self, method: &str) -> bool {
        self.method == "ANY" || self.method == method
    }
}

/// Asserts that no route of `earlier` matches the same requests as one of `routes`. Only the names of
/// their placeholders can differ then.
///
/// # Panics
/// If there is one.
#[track_caller]
pub(crate) const fn assert_new_routes(earlier: &[Route], routes: &[Route]) {
    let mut routes = routes;
    while let [route, rest @ ..] = routes {
        let mut others = earlier;
        while let [other, rest @ ..] = others {
            assert!(
                !(is_same_pattern(route.method.as_bytes(), other.method.as_bytes())
                    && is_same_pattern(route.path.as_bytes(), other.path.as_bytes())),
                "another handler of this program has the same route\n\
                 hint: two routes differ in their method or in a part of the path that is not a \
                 placeholder"
            );
            others = rest;
        }
        routes = rest;
    }
}

/// Compares two paths, apart from the names of their placeholders, or two methods.
const fn is_same_pattern(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([a, ones @ ..], [b, others @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        (one, other) = (ones, others);
        if *a == b'{' {
            let (one_greedy, other_greedy);
            (one, one_greedy) = after_name(one);
            (other, other_greedy) = after_name(other);
            if one_greedy != other_greedy {
                return false;
            }
        }
    }
    one.is_empty() && other.is_empty()
}

/// Skips the rest of a placeholder. Tells whether it is greedy.
const fn after_name(mut path: &[u8]) -> (&[u8], bool) {
    let mut is_greedy = false;
    while let [byte, rest @ ..] = path {
        path = rest;
        match *byte {
            b'}' => break,
            b'+' => is_greedy = true,
            _ => {}
        }
    }
    (path, is_greedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_the_same_apart_from_the_names_of_placeholders() {
        let same = |one: &str, other: &str| is_same_pattern(one.as_bytes(), other.as_bytes());
        assert!(same("/orders/{id}/lines", "/orders/{order}/lines"));
        assert!(same("/{a+}", "/{rest+}"));
        assert!(!same("/orders/{id}", "/orders/{id+}"));
        assert!(!same("/orders/{id}", "/orders/all"));
        assert!(!same("/orders/{id}", "/orders/{id}/lines"));
        assert!(!same("/orders", "/orders/"));
    }

    #[test]
    fn a_route_knows_its_placeholders() {
        let route = Route { method: "GET", path: "/a/{b}/c/{d-e+}" };
        assert_eq!(route.placeholders().collect::<Vec<_>>(), ["b", "d-e"]);
        assert!(route.is_greedy());
    }
}
