#[lambda_handler]
fn ping() {}

// ----------------------------------------------------------------

fn ping() {}
struct __ping {}
impl ::lambda_native::__private::Function for __ping {
    type State = ::lambda_native::__private::NoState;
    const NAME: &'static ::core::primitive::str = "ping";
    const RECORD: &'static [::core::primitive::u8] = {
        const DESCRIPTION: ::lambda_native::__private::Description<'static> = ::lambda_native::__private::Description {
            name: "ping",
            kind: ::lambda_native::__private::Kind::Event,
            input: ::core::option::Option::None,
            output: "()",
            types: &[],
            doc: "",
            routes: &[],
            parameters: &[],
            source: ::core::option::Option::None,
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
        let output = ::core::future::ready(ping()).await;
        let output = __private::output_kind(&output).result(output)?;
        __private::encode(&output, reply)
    }
}
fn main() -> ::std::process::ExitCode {
    const _: () = ::lambda_native::__private::assert_crate_root(::core::module_path!());
    ::lambda_native::__private::main::<__ping>()
}
