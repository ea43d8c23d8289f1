#[lambda_handler(json = types::Json, init = connect, flavor = "multi_thread", worker_threads = 4, crate = lib::lambda)]
pub(crate) async fn checkout(order: Order<'_>, context: Context, database: &Database) -> Receipt {
    todo()
}

// ----------------------------------------------------------------

#[allow(clippy::unused_async)]
pub(crate) async fn checkout(
    order: Order<'_>,
    context: Context,
    database: &Database,
) -> Receipt {
    todo()
}
struct __checkout {
    state: &'static Database,
}
impl lib::lambda::__private::Function for __checkout {
    type State = lib::lambda::__private::NoState;
    const NAME: &'static ::core::primitive::str = "checkout";
    const RECORD: &'static [::core::primitive::u8] = {
        const DESCRIPTION: lib::lambda::__private::Description<'static> = lib::lambda::__private::Description {
            name: "checkout",
            kind: lib::lambda::__private::Kind::Event,
            input: ::core::option::Option::Some("Order<'_>"),
            output: "Receipt",
            types: <types::Json as lib::lambda::json::JsonContext>::TYPES,
            doc: "",
            routes: &[],
            parameters: &[],
            source: ::core::option::Option::None,
            auth: ::core::option::Option::None,
            named: false,
        };
        &DESCRIPTION.record::<{ DESCRIPTION.size() }>()
    };
    const FLAVOR: lib::lambda::__private::Flavor = lib::lambda::__private::Flavor::MultiThread(
        ::core::num::NonZero::new(4),
    );
    async fn init(
        _: &'static lib::lambda::__private::NoState,
    ) -> ::core::result::Result<Self, lib::lambda::Error> {
        use lib::lambda::__private::{self, traits::*};
        let output = connect();
        let output = __private::output_kind(&output).future(output).await;
        let state = __private::output_kind(&output).result(output)?;
        let state = __private::leak(state);
        ::core::result::Result::Ok(Self { state })
    }
    async fn call(
        &self,
        event: &[::core::primitive::u8],
        context: &lib::lambda::Context,
        reply: &mut lib::lambda::Reply,
    ) -> ::core::result::Result<(), lib::lambda::Error> {
        use lib::lambda::__private::{self, traits::*};
        let event = __private::decode_with::<types::Json, Order<'_>>(event)?;
        let output = checkout(event, __private::context::<Context>(context), self.state)
            .await;
        let output = __private::output_kind(&output).result(output)?;
        __private::encode_with::<types::Json>(&output, reply)
    }
}
fn main() -> ::std::process::ExitCode {
    const _: () = lib::lambda::__private::assert_crate_root(::core::module_path!());
    lib::lambda::__private::main::<__checkout>()
}
