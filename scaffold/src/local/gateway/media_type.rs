//! Media types, as REST APIs compare them.

/// Returns the first media type of a `Content-Type` or `Accept` header: `text/html` for
/// `Text/HTML; charset=utf-8`.
pub(super) fn first(header: &str) -> String {
    header.split([';', ',']).next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Checks whether a list, which can contain `image/*` and `*/*`, covers a media type.
pub(super) fn is_listed(list: &[String], media_type: &str) -> bool {
    list.iter().any(|listed| match listed.strip_suffix("/*") {
        Some("*") => true,
        Some(group) => {
            media_type.split('/').next().is_some_and(|it| it.eq_ignore_ascii_case(group))
        }
        None => listed.eq_ignore_ascii_case(media_type),
    })
}
