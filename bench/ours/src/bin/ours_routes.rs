//! Fifty routes, to measure what each costs.

use lambda_native::http::{Json, Request};
use lambda_native::lambda_handler;

macro_rules! routes {
    ($($handler:ident $path:tt)*) => {
        $(
            #[lambda_handler(named, get = $path)]
            async fn $handler(
                request: &Request<'_>,
                #[query] name: &str,
                #[query] page: Option<u32>,
            ) -> Json<(String, Option<u32>)> {
                Json((format!("{name} at {}", request.path()), page))
            }
        )*

        lambda_native::main!($($handler),*);
    };
}

routes! {
    hello "/hello"
    r02 "/r02/{name}"
    r03 "/r03/{name}"
    r04 "/r04/{name}"
    r05 "/r05/{name}"
    r06 "/r06/{name}"
    r07 "/r07/{name}"
    r08 "/r08/{name}"
    r09 "/r09/{name}"
    r10 "/r10/{name}"
    r11 "/r11/{name}"
    r12 "/r12/{name}"
    r13 "/r13/{name}"
    r14 "/r14/{name}"
    r15 "/r15/{name}"
    r16 "/r16/{name}"
    r17 "/r17/{name}"
    r18 "/r18/{name}"
    r19 "/r19/{name}"
    r20 "/r20/{name}"
    r21 "/r21/{name}"
    r22 "/r22/{name}"
    r23 "/r23/{name}"
    r24 "/r24/{name}"
    r25 "/r25/{name}"
    r26 "/r26/{name}"
    r27 "/r27/{name}"
    r28 "/r28/{name}"
    r29 "/r29/{name}"
    r30 "/r30/{name}"
    r31 "/r31/{name}"
    r32 "/r32/{name}"
    r33 "/r33/{name}"
    r34 "/r34/{name}"
    r35 "/r35/{name}"
    r36 "/r36/{name}"
    r37 "/r37/{name}"
    r38 "/r38/{name}"
    r39 "/r39/{name}"
    r40 "/r40/{name}"
    r41 "/r41/{name}"
    r42 "/r42/{name}"
    r43 "/r43/{name}"
    r44 "/r44/{name}"
    r45 "/r45/{name}"
    r46 "/r46/{name}"
    r47 "/r47/{name}"
    r48 "/r48/{name}"
    r49 "/r49/{name}"
    r50 "/r50/{name}"
}
