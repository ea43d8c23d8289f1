//! `GET /address`.

use lambda_native::http::{Json, Request};
use lambda_native::{Context, Failure, lambda_handler};
use serde::Serialize;

use crate::check_ip::CheckIp;

/// The body of the answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Address {
    address: String,
}

/// Where the function's own requests come from. Only this function makes the client.
#[lambda_handler(http, named, init = CheckIp::from_env)]
pub(crate) async fn look_up(
    _: Request<'_>,
    _: &Context,
    check_ip: &CheckIp,
) -> Result<Json<Address>, Failure> {
    let address = check_ip.address().await?;
    Ok(Json(Address { address }))
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::{block_on, context};

    use super::*;
    use crate::check_ip::tests::stub;

    fn answer(check_ip: &CheckIp) -> Result<Json<Address>, Failure> {
        let event = include_bytes!("../events/address.json");
        let request = Request::from_slice(event).expect("a request");
        block_on(look_up(request, &context(), check_ip))
    }

    #[test]
    fn tells_its_address() {
        let address = "198.51.100.7".to_owned();
        let answer = answer(&stub("200 OK", "198.51.100.7\n")).expect("an address");
        assert_eq!(answer, Json(Address { address }));
    }

    #[test]
    fn fails_with_the_service_that_it_asks() {
        assert!(answer(&stub("500 Internal Server Error", "")).is_err());
    }
}
