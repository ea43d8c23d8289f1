#[lambda_handler(sqs = "OrderQueue", concurrency = 10, init = connect)]
async fn ship(message: Message<'_, Order>, context: &Context, store: &Store) -> Result<(), Error> {
    todo()
}

// ----------------------------------------------------------------

#[allow(clippy::unused_async)]
async fn ship(
    message: Message<'_, Order>,
    context: &Context,
    store: &Store,
) -> Result<(), Error> {
    todo()
}
struct __ship {
    state: &'static Store,
}
impl ::lambda_native::__private::Function for __ship {
    type State = ::lambda_native::__private::NoState;
    const NAME: &'static ::core::primitive::str = "ship";
    const RECORD: &'static [::core::primitive::u8] = {
        const DESCRIPTION: ::lambda_native::__private::Description<'static> = ::lambda_native::__private::Description {
            name: "ship",
            kind: ::lambda_native::__private::Kind::Event,
            input: ::core::option::Option::Some("Message<'_, Order>"),
            output: "Result<(), Error>",
            types: &[],
            doc: "",
            routes: &[],
            parameters: &[],
            source: ::core::option::Option::Some(
                ::lambda_native::__private::SourceDescription(
                    "sqs",
                    ::core::option::Option::Some("OrderQueue"),
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
        use ::lambda_native::__private::{self, traits::*};
        let output = connect();
        let output = __private::output_kind(&output).future(output).await;
        let state = __private::output_kind(&output).result(output)?;
        let state = __private::leak(state);
        ::core::result::Result::Ok(Self { state })
    }
    async fn call(
        &self,
        event: &[::core::primitive::u8],
        context: &::lambda_native::Context,
        reply: &mut ::lambda_native::Reply,
    ) -> ::core::result::Result<(), ::lambda_native::Error> {
        use ::lambda_native::__private::{self, traits::*};
        let handle = async |
            record: __private::RecordText<'_>,
        | -> ::core::result::Result<(), ::lambda_native::Error> {
            let arena = __private::Arena::default();
            let event = __private::decode_record::<Message<'_, Order>>(record, &arena)?;
            let output = ship(event, context, self.state).await;
            let output = __private::output_kind(&output).result(output)?;
            __private::handled(output)
        };
        __private::concurrent_batch::<__private::Sqs>(event, context, reply, 10, handle)
            .await
    }
}
fn main() -> ::std::process::ExitCode {
    const _: () = ::lambda_native::__private::assert_crate_root(::core::module_path!());
    ::lambda_native::__private::main::<__ship>()
}
