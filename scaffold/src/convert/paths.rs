//! Paths that start with the name of a replaced crate, outside of `use` items.

use std::ops::Range;

use super::code::{Code, Edit, TokenKind, starts_with};
use super::equivalents::{CRATES, Leaf, Needs, Replacement, advice, replacement};
use super::imports::uses_in;
use super::problem::Problems;

/// Edits the paths outside of `use` items that start with the name of a replaced crate, and `tracing::init_default_…`.
pub(super) fn edit(code: &Code, edits: &mut Vec<Edit>, needs: &mut Needs, problems: &mut Problems) {
    let in_use_item: Vec<Range<usize>> = uses_in(code);
    let tokens = &code.tokens;
    let outer = edits.clone();
    for at in 0..tokens.len() {
        let Some(token) = tokens.get(at) else { continue };
        let contains = |range: &Range<usize>| range.contains(&token.range.start);
        if token.kind != TokenKind::Ident
            || in_use_item.iter().any(contains)
            || outer.iter().any(|(range, _)| contains(range))
        {
            continue;
        }
        if starts_with(tokens, at, &["tracing", ":", ":", "init_default_subscriber", "(", ")"]) {
            let end = tokens.get(at + 3).map_or(token.range.end, |it| it.range.end);
            let is_whole = at == 0 || tokens.get(at - 1).is_some_and(|it| it.text != ":");
            if is_whole {
                needs.features.insert("tracing");
                edits.push((token.range.start..end, "lambda_native::logging::init".to_owned()));
            }
        } else if starts_with(
            tokens,
            at,
            &["tracing", ":", ":", "init_default_subscriber_with_writer"],
        ) || starts_with(tokens, at, &["tracing", ":", ":", "subscriber"])
        {
            let message = "this part of `lambda_runtime::tracing` has no equivalent";
            let hint = "use the crate `tracing-subscriber`";
            problems.add(code, token.range.start, message, hint);
        } else if CRATES.contains(&&*token.text) {
            path(code, at, edits, needs, problems);
        }
    }
}

/// Edits the path that starts with the token `at`.
fn path(code: &Code, at: usize, edits: &mut Vec<Edit>, needs: &mut Needs, problems: &mut Problems) {
    let tokens = &code.tokens;
    let Some(first) = tokens.get(at) else { return };
    let mut segments = vec![first.text.clone()];
    let mut ends = vec![first.range.end];
    let mut next = at + 1;
    while starts_with(tokens, next, &[":", ":"])
        && let Some(segment) = tokens.get(next + 2).filter(|it| it.kind == TokenKind::Ident)
    {
        segments.push(segment.text.clone());
        ends.push(segment.range.end);
        next += 3;
    }
    // The shortest start with an equivalent is replaced.
    for count in 2..=segments.len() {
        let path = segments.iter().take(count).cloned().collect();
        let leaf = Leaf { path, rename: None, position: first.range.start };
        let end = ends.get(count - 1).copied().unwrap_or(first.range.end);
        let is_whole = count == segments.len();
        let new = match replacement(&leaf, needs) {
            Replacement::Path(path) if is_whole || count > 2 => path,
            Replacement::Alias(_, of) => of.to_owned(),
            Replacement::Item(name) => {
                let message = format!("`{}` is written with its path", segments.join("::"));
                let hint = format!("`use lambda_runtime::{name};`, and `{name}` here");
                problems.add(code, first.range.start, message, hint);
                return;
            }
            Replacement::Nothing
                if leaf.path.last().is_some_and(|it| it == "tracing" || it == "http") =>
            {
                if segments
                    .get(count)
                    .is_some_and(|it| it.starts_with("init_default") || it == "subscriber")
                {
                    continue;
                }
                let name = leaf.path.last().cloned().unwrap_or_default();
                needs.crates.insert(if name == "http" { "http" } else { "tracing" });
                name
            }
            Replacement::Path(path) => path,
            _ => continue,
        };
        edits.push((first.range.start..end, new));
        return;
    }
    let rest: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
    let message = format!("`{}` has no equivalent", segments.join("::"));
    problems.add(code, first.range.start, message, advice(&rest));
}
