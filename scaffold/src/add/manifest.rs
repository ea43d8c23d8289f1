//! Edits `Cargo.toml`: the features and dependencies that a new handler needs.

use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, Value};

use super::HandlerKind;

const LIBRARY: &str = "lambda-native";

/// A manifest that is being edited.
pub(super) struct PackageManifest {
    document: DocumentMut,
    is_crlf: bool,
}

impl PackageManifest {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let document = text.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
        Ok(Self { document, is_crlf: text.contains("\r\n") })
    }

    /// Returns the text after the edits.
    pub(super) fn text(&self) -> String {
        let text = self.document.to_string();
        if self.is_crlf { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
    }

    /// Returns whether types have schemas with the feature `openapi`.
    pub(super) fn has_openapi(&self) -> bool {
        let feature = self.document.get("features").and_then(|it| it.get("openapi"));
        feature.is_some() && self.dependency("schemars").is_some()
    }

    /// Adds what a handler needs. The error is the reason why that is not possible.
    pub(super) fn prepare(&mut self, kind: &HandlerKind) -> Result<(), String> {
        let Some(library) = self.dependency(LIBRARY) else {
            return Err(format!("`[dependencies]` does not have `{LIBRARY}`"));
        };
        let has_defaults = library.get("default-features").and_then(Item::as_bool) != Some(false);
        match kind {
            HandlerKind::Route(_) if !has_defaults => self.enable("http")?,
            HandlerKind::Queue(_) => self.enable("events")?,
            _ => {}
        }
        if self.dependency("serde").is_none() {
            let mut features = Array::new();
            features.push("derive");
            let mut serde = InlineTable::new();
            serde.insert("version", "1".into());
            serde.insert("features", features.into());
            let dependencies = self.document.get_mut("dependencies");
            let dependencies = dependencies.and_then(Item::as_table_like_mut);
            let dependencies = dependencies.ok_or("it has no `[dependencies]`")?;
            dependencies.insert("serde", Item::Value(serde.into()));
        }
        Ok(())
    }

    fn dependency(&self, name: &str) -> Option<&Item> {
        self.document.get("dependencies")?.get(name)
    }

    /// Adds a feature to those of the library.
    fn enable(&mut self, feature: &str) -> Result<(), String> {
        let dependencies = self.document.get_mut("dependencies");
        let library = dependencies.and_then(|it| it.get_mut(LIBRARY));
        let library = library.ok_or("it has no `[dependencies]`")?;
        if let Item::Value(Value::String(version)) = library {
            let mut table = InlineTable::new();
            table.insert("version", version.value().as_str().into());
            let decor = version.decor().clone();
            let mut table = Value::InlineTable(table);
            *table.decor_mut() = decor;
            *library = Item::Value(table);
        }
        let table = library.as_table_like_mut();
        let table = table.ok_or_else(|| format!("`{LIBRARY}` is not a table"))?;
        let features = features(table).ok_or("`features` is not a list")?;
        if !features.iter().any(|it| it.as_str() == Some(feature)) {
            features.push(feature);
        }
        Ok(())
    }
}

fn features(table: &mut dyn TableLike) -> Option<&mut Array> {
    let features = table.entry("features").or_insert(Item::Value(Array::new().into()));
    features.as_array_mut()
}

#[cfg(test)]
mod tests {
    use super::super::QueueName;
    use super::*;

    fn prepared(text: &str, kind: &HandlerKind) -> String {
        let mut manifest = PackageManifest::parse(text).unwrap();
        manifest.prepare(kind).unwrap();
        manifest.text()
    }

    #[test]
    fn switches_a_feature_on_and_keeps_the_layout() {
        let queue = HandlerKind::Queue(QueueName("Orders".to_owned()));
        for (before, after) in [
            (
                "[dependencies]\nlambda-native = \"0.1.0\" # ours\nserde = \"1\"\n",
                "[dependencies]\nlambda-native = { version = \"0.1.0\", features = [\"events\"] } # ours\n\
                 serde = \"1\"\n",
            ),
            (
                "[dependencies]\r\nlambda-native = { version = \"0.1.0\", features = [\"tracing\"] }\r\nserde = \"1\"\r\n",
                "[dependencies]\r\nlambda-native = { version = \"0.1.0\", features = [\"tracing\", \"events\"] }\r\n\
                 serde = \"1\"\r\n",
            ),
            (
                "[dependencies]\nlambda-native.workspace = true\nserde = \"1\"\n",
                "[dependencies]\nlambda-native.workspace = true\nlambda-native.features = [\"events\"]\n\
                 serde = \"1\"\n",
            ),
            (
                "[dependencies.lambda-native]\nfeatures = [\"events\"]\n[dependencies.serde]\nversion = \"1\"\n",
                "[dependencies.lambda-native]\nfeatures = [\"events\"]\n[dependencies.serde]\nversion = \"1\"\n",
            ),
        ] {
            assert_eq!(prepared(before, &queue), after);
        }
    }

    #[test]
    fn adds_serde() {
        assert_eq!(
            prepared("[dependencies]\nlambda-native = \"0.1.0\"\n", &HandlerKind::Function),
            "[dependencies]\nlambda-native = \"0.1.0\"\n\
             serde = { version = \"1\", features = [\"derive\"] }\n"
        );
    }
}
