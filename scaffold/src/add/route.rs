//! A route as the user types it: `POST /items/{id}`.

use std::fmt;
use std::str::FromStr;

use heck::{ToSnakeCase, ToUpperCamelCase};

use super::program::METHODS;

/// A method and a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewRoute {
    /// In lower case, as the argument of `#[lambda_handler]`.
    pub(super) method: String,
    pub(super) path: String,
    pub(super) parameters: Vec<PathParameter>,
}

/// A placeholder of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathParameter {
    pub(super) placeholder: String,
    /// The name of the function's parameter.
    pub(super) variable: String,
}

impl FromStr for NewRoute {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let (Some(method), Some(path), None) = (words.next(), words.next(), words.next()) else {
            return Err("expected a method and a path, such as `POST /items`".to_owned());
        };
        let method = method.to_ascii_lowercase();
        if !METHODS.contains(&method.as_str()) {
            let methods = METHODS.map(str::to_ascii_uppercase).join("`, `");
            return Err(format!("unknown method; expected one of `{methods}`"));
        }
        let parameters = placeholders(path)?;
        Ok(Self { method, path: path.to_owned(), parameters })
    }
}

/// Reads the placeholders of a path with the syntax of API Gateway.
fn placeholders(path: &str) -> Result<Vec<PathParameter>, String> {
    let Some(segments) = path.strip_prefix('/') else {
        return Err(format!("a path begins with a slash: `/{path}`"));
    };
    let mut parameters: Vec<PathParameter> = Vec::new();
    if segments.is_empty() {
        return Ok(parameters);
    }
    let mut segments = segments.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if segment.is_empty() {
            let place = if is_last { "ends with a slash" } else { "has two slashes in a row" };
            return Err(format!("the path {place}"));
        }
        let inner = segment.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        let Some(inner) = inner else {
            let is_valid = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c);
            if segment.starts_with([':', '*', '<']) || segment.contains(['{', '}']) {
                return Err(format!(
                    "`{segment}` is not a placeholder; expected `{{name}}`, or `{{name+}}` for the rest of the path"
                ));
            }
            if !segment.chars().all(is_valid) {
                return Err(format!("`{segment}` has characters that cannot stand in a path"));
            }
            continue;
        };
        let name = inner.strip_suffix('+').unwrap_or(inner);
        let is_valid = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if !name.chars().all(is_valid) || name.to_snake_case().is_empty() {
            return Err(format!("`{segment}` is not a placeholder: a name has letters and digits"));
        }
        if inner.ends_with('+') && !is_last {
            return Err(format!(
                "`{segment}` takes the rest of the path, so nothing can follow it"
            ));
        }
        let variable = variable(name);
        if parameters.iter().any(|it| it.variable == variable) {
            return Err(format!("the placeholder `{segment}` is in the path twice"));
        }
        parameters.push(PathParameter { placeholder: name.to_owned(), variable });
    }
    Ok(parameters)
}

/// Returns a name for the function's parameter, which can be neither a keyword nor begin with a digit, nor be that of
/// the body.
fn variable(placeholder: &str) -> String {
    let name = placeholder.to_snake_case();
    let is_free = syn::parse_str::<syn::Ident>(&name).is_ok() && name != "body";
    if is_free { name } else { format!("path_{name}") }
}

impl NewRoute {
    /// Checks whether a handler for it takes a body.
    pub(super) fn has_body(&self) -> bool {
        ["post", "put", "patch"].contains(&self.method.as_str())
    }

    /// Returns the part of the path that names what the route is about, in snake case.
    pub(super) fn subject(&self) -> String {
        let fixed = self.path.split('/').rfind(|it| !it.is_empty() && !it.starts_with('{'));
        let name = fixed.unwrap_or("root").to_snake_case();
        if name.is_empty() { "root".to_owned() } else { name }
    }

    /// Returns the first part of the path.
    pub(super) fn first_part(path: &str) -> &str {
        path.split('/').nth(1).unwrap_or_default()
    }

    /// Returns the default name of its handler: `create_item` for `POST /items`.
    pub(super) fn handler(&self) -> String {
        let subject = self.subject();
        let one = singular(&subject);
        let ends_with_parameter = self.path.ends_with('}');
        match self.method.as_str() {
            "get" if ends_with_parameter || one == subject => format!("get_{one}"),
            "get" => format!("list_{subject}"),
            "post" => format!("create_{one}"),
            "put" => format!("replace_{one}"),
            "patch" => format!("update_{one}"),
            "delete" => format!("delete_{one}"),
            method => format!("{method}_{subject}"),
        }
    }

    /// Returns a path that the route takes.
    pub(super) fn example(&self) -> String {
        let segments =
            self.path.split('/').map(|it| if it.starts_with('{') { EXAMPLE } else { it });
        segments.collect::<Vec<_>>().join("/")
    }
}

/// The value of each placeholder in examples.
pub(super) const EXAMPLE: &str = "1";

impl fmt::Display for NewRoute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method.to_ascii_uppercase(), self.path)
    }
}

/// Returns the English singular, as far as the endings tell.
fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    if let Some(stem) = word.strip_suffix("es").filter(|it| it.ends_with("ss") || it.ends_with('x'))
    {
        return stem.to_owned();
    }
    match word.strip_suffix('s') {
        Some(stem) if !stem.is_empty() && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// Returns the name of a type after that of a function.
pub(super) fn type_name(function: &str, suffix: &str) -> String {
    format!("{}{suffix}", function.to_upper_camel_case())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_handler_after_the_method_and_the_path() {
        for (route, handler) in [
            ("POST /items", "create_item"),
            ("get /items", "list_items"),
            ("GET /items/{id}", "get_item"),
            ("PUT /users/{user}/addresses/{id}", "replace_address"),
            ("PATCH /categories/{id}", "update_category"),
            ("DELETE /boxes/{id}", "delete_box"),
            ("GET /status", "get_status"),
            ("GET /", "get_root"),
            ("ANY /files/{path+}", "any_files"),
        ] {
            assert_eq!(route.parse::<NewRoute>().unwrap().handler(), handler, "{route}");
        }
    }

    #[test]
    fn takes_placeholders_whose_names_are_not_names_of_variables() {
        let route: NewRoute = "GET /{type}/{itemId}/{2nd}/{body}".parse().unwrap();
        let names = route.parameters.iter().map(|it| it.variable.as_str());
        assert_eq!(names.collect::<Vec<_>>(), ["path_type", "item_id", "path_2nd", "path_body"]);
    }

    #[test]
    fn refuses_other_texts_with_a_reason() {
        let reasons = [
            "/items",
            "FETCH /items",
            "GET items",
            "GET /a//b",
            "GET /a/",
            "GET /:id",
            "GET /{id}/{id}",
            "GET /{a+}/b",
            "GET /{}",
            "GET /a?b=c",
            "GET /a b",
        ]
        .map(|text| format!("{text}: {}", text.parse::<NewRoute>().unwrap_err()));
        insta::assert_snapshot!(reasons.join("\n"), @"
        /items: expected a method and a path, such as `POST /items`
        FETCH /items: unknown method; expected one of `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `HEAD`, `OPTIONS`, `ANY`
        GET items: a path begins with a slash: `/items`
        GET /a//b: the path has two slashes in a row
        GET /a/: the path ends with a slash
        GET /:id: `:id` is not a placeholder; expected `{name}`, or `{name+}` for the rest of the path
        GET /{id}/{id}: the placeholder `{id}` is in the path twice
        GET /{a+}/b: `{a+}` takes the rest of the path, so nothing can follow it
        GET /{}: `{}` is not a placeholder: a name has letters and digits
        GET /a?b=c: `a?b=c` has characters that cannot stand in a path
        GET /a b: expected a method and a path, such as `POST /items`
        ");
    }
}
