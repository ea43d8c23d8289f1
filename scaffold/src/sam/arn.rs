//! Function names in ARNs.

/// Returns the name of the function in its ARN, or in the URI of an integration, which contains the
/// ARN.
pub(super) fn function_name(arn: &str) -> Option<&str> {
    arn.split_once(":function:")?.1.split(['/', ':']).next()
}
