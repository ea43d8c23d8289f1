//! The permissions of a function to read from its sources.
//!
//! SAM gives the role that it creates one of AWS's policies for each kind of queue and stream. What it
//! does not know is left to the user.

use super::compare::Remark;
use super::document::{Node, Value};
use super::source::Source;

/// Describes the permissions that a function needs for a new source and that SAM does not add.
pub(super) fn missing(root: &Node, function: &str, source: &Source) -> Vec<Remark> {
    let Some(policy) = source.kind.policy() else { return Vec::new() };
    let mut remarks = Vec::new();
    let resource = root.find(&["Resources", function]);
    let globals = root.find(&["Globals", "Function"]);
    let properties = [resource.and_then(|it| it.get("Properties")), globals];
    if properties.into_iter().flatten().any(|it| it.get("Role").is_some()) {
        let message =
            format!("`{function}` has its own `Role`, so SAM adds no permission for `{source}`");
        let hint =
            format!("attach AWS's policy `service-role/{policy}` or a narrower one to the role");
        remarks.push(Remark { message, hint });
    }
    let name = source.name.as_deref().unwrap_or_default();
    let own = root.find(&["Resources", name, "Properties"]);
    let key = own.and_then(|own| {
        own.get("KmsMasterKeyId").or_else(|| own.find(&["StreamEncryption", "KeyId"]))
    });
    let is_of_aws = |key: &Node| key.text().is_some_and(|key| key.contains("alias/aws/"));
    let may_decrypt = || properties.into_iter().flatten().any(decrypts);
    if key.is_some_and(|key| !is_of_aws(key)) && !may_decrypt() {
        let message = format!("`{name}` is encrypted with a key that `{function}` cannot use");
        let hint =
            format!("add the policy `KMSDecryptPolicy` with the id of the key to `{function}`");
        remarks.push(Remark { message, hint });
    }
    remarks
}

/// Checks whether a policy among these values allows to decrypt.
fn decrypts(node: &Node) -> bool {
    let names = |text: &str| {
        ["KMSDecryptPolicy", "kms:*", "*"].contains(&text)
            || text.eq_ignore_ascii_case("kms:decrypt")
    };
    match &node.value {
        Value::Scalar { text, .. } => names(text),
        Value::Alias(_) => false,
        Value::List(items) => items.iter().any(decrypts),
        Value::Map(map) => map
            .entries
            .iter()
            .any(|entry| decrypts(&entry.value) || entry.key.text().is_some_and(names)),
    }
}
