#[lambda_handler]
async fn checkout(order: Order<'_>, context: &Context) -> Result<Receipt, ParseIntError> {
    todo()
}

// ----------------------------------------------------------------

#[allow(clippy::unused_async)]
async fn checkout(
    order: Order<'_>,
    context: &Context,
) -> Result<Receipt, ParseIntError> {
    todo()
}
struct __checkout {}
impl ::lambda_native::__private::Function for __checkout {
    type State = ::lambda_native::__private::NoState;
    const NAME: &'static ::core::primitive::str = "checkout";
    const RECORD: &'static [::core::primitive::u8] = {
        const DESCRIPTION: ::lambda_native::__private::Description<'static> = ::lambda_native::__private::Description {
            name: "checkout",
            kind: ::lambda_native::__private::Kind::Event,
            input: ::core::option::Option::Some("Order<'_>"),
            output: "Result<Receipt, ParseIntError>",
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
        let event = __private::decode::<Order<'_>>(event)?;
        let output = checkout(event, context).await;
        let output = __private::output_kind(&output).result(output)?;
        __private::encode(&output, reply)
    }
}
fn main() -> ::std::process::ExitCode {
    const _: () = ::lambda_native::__private::assert_crate_root(::core::module_path!());
    ::lambda_native::__private::main::<__checkout>()
}
