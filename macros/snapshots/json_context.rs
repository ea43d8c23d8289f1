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
    /// The types that are registered, as they are written.
    pub(crate) const TYPES: &'static [&'static ::core::primitive::str] = <Self as ::lambda_native::json::JsonContext>::TYPES;
    /// Reads a value of a registered type.
    ///
    /// # Errors
    /// If `json` is not JSON, or not of that type.
    pub(crate) fn from_slice<'de, T>(
        json: &'de [::core::primitive::u8],
    ) -> ::core::result::Result<T, ::lambda_native::json::Error>
    where
        T: ::lambda_native::json::Registered<'de, Self>,
    {
        T::decode(json)
    }
    /// Reads a value of a registered type.
    ///
    /// # Errors
    /// If `json` is not JSON, or not of that type.
    pub(crate) fn from_str<'de, T>(
        json: &'de ::core::primitive::str,
    ) -> ::core::result::Result<T, ::lambda_native::json::Error>
    where
        T: ::lambda_native::json::Registered<'de, Self>,
    {
        T::decode(json.as_bytes())
    }
    /// Writes a value of a registered type.
    ///
    /// # Errors
    /// If JSON has no form for the value, such as a map whose keys are not text.
    pub(crate) fn to_vec<'de, T>(
        value: &T,
    ) -> ::core::result::Result<
        ::std::vec::Vec<::core::primitive::u8>,
        ::lambda_native::json::Error,
    >
    where
        T: ::lambda_native::json::Registered<'de, Self>,
    {
        ::lambda_native::__private::to_vec::<Self, T>(value)
    }
    /// Writes a value of a registered type.
    ///
    /// # Errors
    /// If JSON has no form for the value, such as a map whose keys are not text.
    pub(crate) fn to_string<'de, T>(
        value: &T,
    ) -> ::core::result::Result<::std::string::String, ::lambda_native::json::Error>
    where
        T: ::lambda_native::json::Registered<'de, Self>,
    {
        ::lambda_native::__private::to_string::<Self, T>(value)
    }
}
impl<'de: '__0, '__0> ::lambda_native::json::Registered<'de, Json> for Order<'__0> {
    fn decode(
        json: &'de [::core::primitive::u8],
    ) -> ::core::result::Result<Self, ::lambda_native::json::Error> {
        ::lambda_native::__private::read(json, ::core::marker::PhantomData)
    }
    fn encode(
        &self,
        json: &mut ::std::vec::Vec<::core::primitive::u8>,
    ) -> ::core::result::Result<(), ::lambda_native::json::Error> {
        ::lambda_native::__private::write(::core::convert::identity(self), json)
    }
}
impl<'de: '__0, '__0> ::lambda_native::json::Registered<'de, Json> for &'__0 str {
    fn decode(
        json: &'de [::core::primitive::u8],
    ) -> ::core::result::Result<Self, ::lambda_native::json::Error> {
        ::lambda_native::__private::read(json, ::core::marker::PhantomData)
    }
    fn encode(
        &self,
        json: &mut ::std::vec::Vec<::core::primitive::u8>,
    ) -> ::core::result::Result<(), ::lambda_native::json::Error> {
        ::lambda_native::__private::write(::core::convert::identity(self), json)
    }
}
impl<'de: 'a, 'a> ::lambda_native::json::Registered<'de, Json>
for BTreeMap<String, &'a str> {
    fn decode(
        json: &'de [::core::primitive::u8],
    ) -> ::core::result::Result<Self, ::lambda_native::json::Error> {
        ::lambda_native::__private::read(json, ::core::marker::PhantomData)
    }
    fn encode(
        &self,
        json: &mut ::std::vec::Vec<::core::primitive::u8>,
    ) -> ::core::result::Result<(), ::lambda_native::json::Error> {
        ::lambda_native::__private::write(::core::convert::identity(self), json)
    }
}
