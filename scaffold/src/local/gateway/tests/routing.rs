//! The function that a request is for, and the responses without one.

use super::*;

/// The function, the route key, the path in the API and the path parameters.
fn destination(router: &Router, text: &str) -> String {
    let RouteMatch { function, route_key, path, path_parameters, .. } =
        route(router, &request(text));
    let parameters = path_parameters.iter().map(|(name, value)| format!(" {name}={value}"));
    format!("{function}: {route_key} {path}{}", parameters.collect::<String>())
}

#[test]
fn the_most_specific_route_with_the_method_receives_a_request() {
    let router = router(TEMPLATE);
    assert_each(
        &[
            ("GET /pets/dog", "Http: GET /pets/dog /pets/dog"),
            ("GET /pets/d%6Fg", "Http: GET /pets/dog /pets/d%6Fg"),
            ("PUT /pets/dog", "Http: ANY /pets/dog /pets/dog"),
            ("GET /pets/a%20b", "Http: GET /pets/{id} /pets/a%20b id=a%20b"),
            ("GET /pets/1/", "Http: GET /pets/{rest+} /pets/1/ rest=1/"),
            ("GET /pets/1/2", "Http: GET /pets/{rest+} /pets/1/2 rest=1/2"),
            ("GET /pets/1/toys/2?a=b", "Http: GET /pets/{id}/toys/{toy} /pets/1/toys/2 id=1 toy=2"),
            ("GET /pets/1/toys/", "Http: GET /pets/{rest+} /pets/1/toys/ rest=1/toys/"),
            ("GET /", "Http: GET / /"),
            ("POST /staged/7", "Http: POST /staged/{id} /staged/7 id=7"),
            ("GET /rest/orders/7/", "Rest: GET /rest/orders/{id} /rest/orders/7/ id=7"),
            ("PUT /rest/a/b", "Rest: ANY /rest/{proxy+} /rest/a/b proxy=a/b"),
            ("GET /live/rest/only", "Rest: GET /rest/only /rest/only"),
            ("POST /beta/staged/7", "Http: POST /staged/{id} /staged/7 id=7"),
            ("PUT /Url", "Url: $default /"),
            ("PUT /Url/", "Url: $default /"),
            ("PUT /Url/a%20b/c?d", "Url: $default /a%20b/c"),
            ("GET /Stream/x", "Stream: $default /x"),
        ],
        |text| destination(&router, text),
    );
}

fn response_of_gateway(router: &Router, text: &str) -> String {
    let Routing::Response(response) = router.route(&request(text)) else {
        panic!("{text} has a route");
    };
    let (head, body) = response.into_parts();
    let body = String::from_utf8(body).unwrap();
    assert_eq!(head.headers["content-type"], "application/json");
    format!("{} {body}", head.status.as_u16())
}

#[test]
fn a_request_without_a_route_gets_api_gateways_response() {
    let router = router(TEMPLATE);
    assert_each(
        &[
            ("GET /none", r#"404 {"message":"Not Found"}"#),
            ("GET /live", r#"404 {"message":"Not Found"}"#),
            ("GET /live/pets/dog", r#"404 {"message":"Not Found"}"#),
            ("GET /beta/rest/only", r#"404 {"message":"Not Found"}"#),
            ("PUT /live/rest/only", r#"403 {"message":"Missing Authentication Token"}"#),
            ("POST /pets/cat", r#"404 {"message":"Not Found"}"#),
            ("GET /Urls", r#"404 {"message":"Not Found"}"#),
            ("GET /pets/", r#"404 {"message":"Not Found"}"#),
            // A REST API settles on a path before it looks for the method.
            ("POST /rest/only", r#"403 {"message":"Missing Authentication Token"}"#),
            ("PUT /rest/orders/7", r#"403 {"message":"Missing Authentication Token"}"#),
            // `ANY` stands for the methods that a route can have.
            ("TRACE /pets/dog", r#"404 {"message":"Not Found"}"#),
            ("PURGE /rest/a", r#"404 {"message":"Not Found"}"#),
            ("OPTIONS *", r#"400 {"message":"Bad Request"}"#),
            ("CONNECT a.example:443", r#"400 {"message":"Bad Request"}"#),
            ("CONNECT /Url/", r#"400 {"message":"Bad Request"}"#),
        ],
        |text| response_of_gateway(&router, text),
    );

    let rest = "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Events: {
        E: {Type: Api, Properties: {Method: get, Path: /a}}}}}}";
    let Routing::Response(response) = self::router(rest).route(&request("GET /none")) else {
        panic!();
    };
    assert_eq!(response.status(), 403);
    assert_eq!(response.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
}

#[test]
fn a_default_route_receives_only_the_methods_that_a_route_can_have() {
    let router = router(
        "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Events: {
            E: {Type: HttpApi}}}}}",
    );
    assert_eq!(destination(&router, "PATCH /a"), "F: $default /a");
    for text in ["TRACE /a", "PURGE /a"] {
        assert_eq!(response_of_gateway(&router, text), r#"404 {"message":"Not Found"}"#, "{text}");
    }
    for text in ["OPTIONS *", "CONNECT a.example:443"] {
        assert_eq!(response_of_gateway(&router, text), r#"400 {"message":"Bad Request"}"#);
    }
}

#[test]
fn the_headers_of_a_request_to_an_api_have_a_size_limit() {
    let router = router(TEMPLATE);
    // The limit of an HTTP API includes `GET / HTTP/1.1`.
    for (line, size) in [("GET /", 10_240 - 14), ("GET /rest/x", 10_240)] {
        let with = |size: usize| format!("{line} | x-a: {} | x-b: 1", "a".repeat(size - 1));
        let _ = route(&router, &request(&with(size)));
        assert_eq!(
            response_of_gateway(&router, &with(size + 1)),
            r#"431 {"message":"Request Header Fields Too Large"}"#
        );
    }
    let _ = route(&router, &request(&format!("GET /Url/ | x-a: {}", "a".repeat(20_000))));
}

#[test]
fn a_function_url_alone_is_at_the_root() {
    let url = "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {
        FunctionUrlConfig: {AuthType: NONE}}}}";
    assert_eq!(destination(&router(url), "DELETE /F/a?b"), "F: $default /F/a");
}

#[test]
fn a_function_without_a_template_receives_every_request() {
    let application = Application::single_function("orders", ".".as_ref());
    let found = destination(&Router::new(&application), "DELETE /a/b");
    assert_eq!(found, "orders: $default /a/b");
}

#[test]
fn the_second_of_two_equal_routes_is_reached_through_its_stage() {
    let router = router(
        "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Events: {
            A: {Type: HttpApi, Properties: {Method: get, Path: /x}},
            B: {Type: Api, Properties: {Method: get, Path: /x}}}}}}",
    );
    let kinds = ["GET /x", "GET /Prod/x"].map(|text| route(&router, &request(text)).api.kind);
    assert_eq!(kinds, [ApiKind::Http, ApiKind::Rest]);
}

#[test]
fn the_routes_are_listed_by_path() {
    let router = router(TEMPLATE);
    let lines = router.list().into_iter();
    let lines = lines.map(|(key, kind, _, function)| format!("{key} {kind:?} {function}\n"));
    assert_snapshot!(lines.collect::<String>(), @"
    GET / Http Http
    ANY /pets/dog Http Http
    GET /pets/dog Http Http
    GET /pets/{id} Http Http
    GET /pets/{id}/toys/{toy} Http Http
    GET /pets/{rest+} Http Http
    GET /rest/only Rest Rest
    GET /rest/orders/{id} Rest Rest
    ANY /rest/{proxy+} Rest Rest
    POST /staged-v1/{id} Http Http
    POST /staged/{id} Http Http
    POST /v1 Http Http
    ANY /Url/ FunctionUrl { stream: false } Url
    ANY /Stream/ FunctionUrl { stream: true } Stream
    ");
}
