#[lambda_handler(schedule = "rate(5 minutes)", json = Json)]
async fn tick(event: Event<'_>) {
    todo()
}

// ----------------------------------------------------------------

#[allow(clippy::unused_async)]
async fn tick(event: Event<'_>) {
    todo()
}
struct __tick {}
impl ::lambda_native::__private::Function for __tick {
    type State = ::lambda_native::__private::NoState;
    const NAME: &'static ::core::primitive::str = "tick";
    const RECORD: &'static [::core::primitive::u8] = {
        const DESCRIPTION: ::lambda_native::__private::Description<'static> = ::lambda_native::__private::Description {
            name: "tick",
            kind: ::lambda_native::__private::Kind::Event,
            input: ::core::option::Option::Some("Event<'_>"),
            output: "()",
            types: <Json as ::lambda_native::json::JsonContext>::TYPES,
            doc: "",
            routes: &[],
            parameters: &[],
            source: ::core::option::Option::Some(
                ::lambda_native::__private::SourceDescription(
                    "schedule",
                    ::core::option::Option::Some("rate(5 minutes)"),
                ),
            ),
            auth: ::core::option::Option::None,
            named: false,
        };
        &DESCRIPTION.record::<{ DESCRIPTION.size() }>()
    };
    async fn init(
        _: &'static ::lambda_native::__private::NoState,
    ) -> ::core::result::Result<Self, ::lambda_native::Error> {
        ::core::future::ready(::core::result::Result::Ok(Self {})).await
    }
    async fn call(
        &self,
        event: &[::core::primitive::u8],
        context: &::lambda_native::Context,
        reply: &mut ::lambda_native::Reply,
    ) -> ::core::result::Result<(), ::lambda_native::Error> {
        use ::lambda_native::__private::{self, traits::*};
        let arena = __private::Arena::default();
        let event = __private::decode_event_with::<Json, Event<'_>>(event, &arena)?;
        let output = tick(event).await;
        let output = __private::output_kind(&output).result(output)?;
        __private::encode_with::<Json>(&output, reply)
    }
}
fn main() -> ::std::process::ExitCode {
    const _: () = ::lambda_native::__private::assert_crate_root(::core::module_path!());
    ::lambda_native::__private::main::<__tick>()
}
