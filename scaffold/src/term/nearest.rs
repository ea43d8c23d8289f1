//! The word that somebody probably meant.

/// Finds the one of these words that is most like a word with a mistake. Upper and lower case do not matter.
pub(crate) fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let far = |known: &&str| 1.0 - strsim::jaro_winkler(&word, &known.to_lowercase());
    let near = words.iter().copied().min_by(|a, b| far(a).total_cmp(&far(b)))?;
    (far(&near) < 0.25).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_a_word_with_a_mistake() {
        assert_eq!(nearest("memroy", &["memory", "timeout"]), Some("memory"));
        assert_eq!(nearest("TimeOut", &["Memory", "Timeout"]), Some("Timeout"));
        assert_eq!(nearest("PATH", &["Method", "Path"]), Some("Path"));
        assert_eq!(nearest("colour", &["memory", "timeout"]), None);
    }
}
