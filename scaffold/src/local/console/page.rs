//! The files of the page.

use http::{HeaderValue, Response, header};

/// The names, types and contents of the files.
const FILES: [(&str, &str, &str); 12] = [
    ("", "text/html; charset=utf-8", include_str!("page/index.html")),
    ("console.css", "text/css; charset=utf-8", include_str!("page/console.css")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("dom.js", JAVASCRIPT, include_str!("page/dom.js")),
    ("export.js", JAVASCRIPT, include_str!("page/export.js")),
    ("functions.js", JAVASCRIPT, include_str!("page/functions.js")),
    ("invocations.js", JAVASCRIPT, include_str!("page/invocations.js")),
    ("main.js", JAVASCRIPT, include_str!("page/main.js")),
    ("picture.js", JAVASCRIPT, include_str!("page/picture.js")),
    ("sample.js", JAVASCRIPT, include_str!("page/sample.js")),
    ("send.js", JAVASCRIPT, include_str!("page/send.js")),
    ("server.js", JAVASCRIPT, include_str!("page/server.js")),
];

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Allows the page its own files and images that it makes, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Returns a file of the page.
pub(crate) fn file(name: &str) -> Option<Response<Vec<u8>>> {
    let (_, content_type, contents) = FILES.iter().find(|(file, ..)| *file == name)?;
    let mut response = Response::new(contents.as_bytes().to_vec());
    for (name, value) in [
        (header::CONTENT_TYPE, *content_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // The next version of this program can have other files.
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_at_most_60_kb() {
        let size: usize = FILES.iter().map(|(.., contents)| contents.len()).sum();
        assert!(size <= 60_000, "{size} bytes");
    }

    #[test]
    fn the_page_interprets_no_text_as_html_or_code() {
        for (name, _, contents) in FILES {
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("]
            {
                assert!(!contents.contains(word), "{name}: {word}");
            }
        }
    }
}
