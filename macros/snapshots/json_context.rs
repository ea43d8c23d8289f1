#[json_context(Order<'_>, &str, BTreeMap<String, &'a str>)]
pub(crate) struct Json;

// ----------------------------------------------------------------

pub(crate) struct Json;
impl ::lambda_native::json::JsonContext for Json {
    const TYPES: &'static [&'static ::core::primitive::str] = &[
        "Order<'_>",
        "&str",
        "BTreeMap<String, &'a str>",
    ];
}
#[allow(dead_code)]
impl Json {
    /// The registered types, as they are written.
    pub(crate) const TYPES: &'static [&'static ::core::primitive::str] = <Self as ::lambda_native::json::JsonContext>::TYPES;
    /// Reads a value of a registered type.
    ///
    /// # Errors
    /// If `json` is not JSON, or not of that type.
    pub(crate) fn from_slice<'de, T>(
        json: &'de [::core::primitive::u8],
    ) -> ::core::result::Result<T, ::lambda_native::json::Error>
    where
        T: ::lambda_native::json::Registered<Self>
            + ::lambda_native::__private::serde::Deserialize<'de>,
    {
        ::lambda_native::json::read(json)
    }
    /// Reads a value of a registered type.
    ///
    /// # Errors
    /// If `json` is not JSON, or not of that type.
    pub(crate) fn from_str<'de, T>(
        json: &'de ::core::primitive::str,
    ) -> ::core::result::Result<T, ::lambda_native::json::Error>
    where
        T: ::lambda_native::json::Registered<Self>
            + ::lambda_native::__private::serde::Deserialize<'de>,
    {
        ::lambda_native::json::read(json.as_bytes())
    }
    /// Writes a value of a registered type.
    ///
    /// # Errors
    /// If JSON has no form for the value, such as a map whose keys are not text.
    pub(crate) fn to_vec<T>(
        value: &T,
    ) -> ::core::result::Result<
        ::std::vec::Vec<::core::primitive::u8>,
        ::lambda_native::json::Error,
    >
    where
        T: ::lambda_native::json::Registered<Self>
            + ::lambda_native::__private::serde::Serialize,
    {
        ::lambda_native::__private::to_vec(value)
    }
    /// Writes a value of a registered type.
    ///
    /// # Errors
    /// If JSON has no form for the value, such as a map whose keys are not text.
    pub(crate) fn to_string<T>(
        value: &T,
    ) -> ::core::result::Result<::std::string::String, ::lambda_native::json::Error>
    where
        T: ::lambda_native::json::Registered<Self>
            + ::lambda_native::__private::serde::Serialize,
    {
        ::lambda_native::__private::to_string(value)
    }
}
impl<'__0> ::lambda_native::json::Registered<Json> for Order<'__0> {}
impl<'__0> ::lambda_native::json::Registered<Json> for &'__0 str {}
impl<'a> ::lambda_native::json::Registered<Json> for BTreeMap<String, &'a str> {}
