//! The authorizers of APIs and function URLs.

use super::*;

/// The authorizer of each endpoint on a line.
fn authorizers(function: &TemplateFunction) -> String {
    let line = |endpoint: &Endpoint| {
        let authorizer = match endpoint.authorizer.as_deref() {
            None => "none".to_owned(),
            Some(ApiAuthorizer::Remote { kind, name }) => format!("{kind} {name}"),
            Some(ApiAuthorizer::Jwt(it)) => {
                let known = [
                    &it.issuer.as_ref().map(|it| format!(" of {it}")),
                    &it.audience.as_ref().map(|it| format!(" for {it:?}")),
                ];
                let known: String = known.into_iter().flatten().map(String::as_str).collect();
                let scopes =
                    if it.scopes.is_empty() { String::new() } else { format!(" {:?}", it.scopes) };
                format!("JWT {}{known}{scopes}", it.name)
            }
            Some(ApiAuthorizer::Lambda(it)) => {
                let kind = if it.is_token { "token" } else { "request" };
                let responses = if it.simple_responses { "simple" } else { "policy" };
                let validation =
                    it.validation.as_ref().map_or("", |validation| validation.as_str());
                let LambdaAuthorizer { name, function, identity_sources, payload_format, .. } = it;
                format!(
                    "{name} {function} {kind} {payload_format:?} {responses} {identity_sources:?} {validation}"
                )
            }
        };
        format!("{}: {}", endpoint.path, authorizer.trim_end())
    };
    function.endpoints.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn routes_have_the_authorizers_that_they_name() {
    let application = read(
        r"
Parameters: {Far: {Type: String}}
Globals:
  HttpApi:
    Auth:
      EnableIamAuthorizer: true
      Authorizers:
        Simple:
          FunctionArn: !GetAtt Doorman.Arn
          AuthorizerPayloadFormatVersion: '2.0'
          EnableSimpleResponses: true
          Identity: {Headers: [A, B], QueryStrings: q, Context: [c.d], StageVariables: [s]}
        Jwt: {JwtConfiguration: {issuer: i, audience: [a]}, IdentitySource: $request.header.A}
        Far: {FunctionArn: !Ref Far, AuthorizerPayloadFormatVersion: '1.0'}
Resources:
  Doorman: {Type: AWS::Serverless::Function}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: AWS_IAM}
      Events:
        None: {Type: HttpApi, Properties: {Method: GET, Path: /none}}
        Simple: {Type: HttpApi, Properties: {Method: GET, Path: /simple, Auth: {Authorizer: Simple}}}
        Jwt: {Type: HttpApi, Properties: {Method: GET, Path: /jwt, Auth: {Authorizer: Jwt}}}
        Far: {Type: HttpApi, Properties: {Method: GET, Path: /far, Auth: {Authorizer: Far}}}
        Iam: {Type: HttpApi, Properties: {Method: GET, Path: /iam, Auth: {Authorizer: AWS_IAM}}}
        Token: {Type: Api, Properties: {Method: GET, Path: /token, RestApiId: !Ref Shop}}
        Open: {Type: Api, Properties: {Method: GET, Path: /open, RestApiId: !Ref Shop, Auth: {Authorizer: NONE}}}
        Pool: {Type: Api, Properties: {Method: GET, Path: /pool, RestApiId: !Ref Shop, Auth: {Authorizer: Pool}}}
        Request: {Type: Api, Properties: {Method: GET, Path: /request, RestApiId: !Ref Shop, Auth: {Authorizer: Request}}}
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token: {FunctionArn: !GetAtt Doorman.Arn, Identity: {ValidationExpression: 'a|b'}}
          Pool: {UserPoolArn: !GetAtt Users.Arn}
          Request: {FunctionArn: !Sub '${Doorman.Arn}:live', FunctionPayloadType: REQUEST, Identity: {Headers: [X]}}
",
    );
    application.check().unwrap();
    assert_eq!(application.diagnostics.warnings, []);
    assert_snapshot!(authorizers(&application.functions[1]), @r#"
    /none: none
    /simple: Simple Doorman request V2 simple [Header("A"), Header("B"), Query("q"), Context("c.d"), StageVariable("s")]
    /jwt: JWT Jwt of i for ["a"]
    /far: Lambda Far
    /iam: IAM AWS_IAM
    /token: Token Doorman token V1 policy [Header("Authorization")] ^(?:a|b)
    /open: none
    /pool: Cognito Pool
    /request: Request Doorman request V1 policy [Header("X")]
    $default: IAM AWS_IAM
    "#);
}

#[test]
fn authorizers_are_read_in_an_apis_own_definition() {
    let mut paths = "paths:\n".to_owned();
    for (path, security) in [
        ("default", ""),
        ("open", "security: [],"),
        ("empty", "security: [{}],"),
        ("request", "security: [{Request: []}],"),
        ("jwt", "security: [{Jwt: [a]}],"),
        ("pool", "security: [{Pool: []}],"),
        ("key", "security: [{Key: []}],"),
        ("iam", "x-amazon-apigateway-auth: {type: aws_iam},"),
        ("signed", "security: [{Signed: []}],"),
    ] {
        let integration = "x-amazon-apigateway-integration: {uri: 'x:function:Hello/invocations'}";
        writeln!(paths, "  /{path}: {{get: {{{security} {integration}}}}}").unwrap();
    }
    let schemes = "
    Token:
      type: apiKey
      name: X-Token
      in: header
      x-amazon-apigateway-authorizer:
        type: token
        authorizerUri: 'arn:aws:apigateway:x:lambda:path/2015-03-31/functions/arn:aws:lambda:x:1:function:Hello/invocations'
        identityValidationExpression: '[a-z]+'
    Request:
      x-amazon-apigateway-authorizer:
        type: request
        authorizerUri: {Fn::Sub: 'x/functions/${Hello.Arn}/invocations'}
        identitySource: method.request.header.A, method.request.querystring.q,context.stage,stageVariables.s
        authorizerPayloadFormatVersion: '2.0'
        enableSimpleResponses: true
    Jwt: {type: oauth2, x-amazon-apigateway-authorizer: {type: jwt}}
    Pool: {x-amazon-apigateway-authorizer: {type: cognito_user_pools}}
    Key: {type: apiKey, name: x-api-key, in: header}
    Signed: {type: apiKey, x-amazon-apigateway-authtype: awsSigv4}
";
    let three =
        format!("security: [{{Token: []}}]\ncomponents:\n  securitySchemes:{schemes}{paths}");
    let two = format!("security: [{{Token: []}}]\nsecurityDefinitions:{schemes}{paths}");
    let read = |kind: &str, definition: &str| {
        let template = with_api(kind, "DefinitionUri: api.yaml");
        let files = [("template.yaml", template.as_str()), ("api.yaml", definition)];
        authorizers(&read_good_files(&files).functions[0])
    };
    assert_eq!(read("Api", &two), read("Api", &three));
    assert_snapshot!(read("Api", &three), @r#"
    /default: Token Hello token V1 policy [Header("X-Token")] ^(?:[a-z]+)
    /open: none
    /empty: none
    /request: Request Hello request V1 simple [Header("A"), Query("q"), Context("stage"), StageVariable("s")]
    /jwt: JWT Jwt
    /pool: Cognito Pool
    /key: none
    /iam: IAM AWS_IAM
    /signed: IAM Signed
    "#);

    // HTTP APIs have other names for identity sources, and no token authorizers.
    let http = three.replace("method.request", "$request").replace("context.", "$context.");
    assert_snapshot!(read("HttpApi", &http), @r#"
    /default: JWT Token
    /open: none
    /empty: none
    /request: Request Hello request V2 simple [Header("A"), Query("q"), Context("stage"), StageVariable("s")]
    /jwt: JWT Jwt ["a"]
    /pool: Cognito Pool
    /key: none
    /iam: IAM AWS_IAM
    /signed: IAM Signed
    "#);
}

/// A template with an API and a function for one of its routes.
fn with_auth(kind: &str, auth: &str, event: &str) -> String {
    let id = if kind == "Api" { "RestApiId" } else { "ApiId" };
    with_api(kind, &format!("Auth: {{{auth}}}")).replace(
        "{FunctionName: hello-on-aws}",
        &format!(
            "{{Events: {{E: {{Type: {kind}, Properties: {{{id}: !Ref Api, Method: GET, Path: /, \
             {event}}}}}}}}}"
        ),
    )
}

#[test]
fn errors_in_authorizers_name_the_line() {
    assert_errors([
        (
            with_auth("Api", "DefaultAuthorizer: Nobody", ""),
            "5: `DefaultAuthorizer` is `Nobody`, which is not an authorizer of `Api`",
        ),
        (
            with_auth("Api", "", "Auth: {Authorizer: Nobody}"),
            "6: `Authorizer` is `Nobody`, which is not an authorizer of `Api`",
        ),
        (
            with_auth("HttpApi", "Authorizers: {A: {FunctionArn: !GetAtt Hello.Arn}}", ""),
            "5: `AuthorizerPayloadFormatVersion` of `A` must be `1.0` or `2.0`",
        ),
        (
            with_api(
                "Api",
                "DefinitionBody: {securityDefinitions: {A: {x-amazon-apigateway-authorizer: {\
                 type: request, authorizerUri: 'x:function:Hello', identitySource: 'header.A, b'}}}}",
            ),
            "5: invalid `b` in `identitySource` of `A`",
        ),
    ]);
}

/// A template with globals for an explicit API, and for the implicit one if it is used.
fn with_globals(auth: &str, is_implicit_api_used: bool) -> String {
    let kind = if is_implicit_api_used { "Api" } else { "S3" };
    let template = with_auth("Api", "Authorizers: {A: {UserPoolArn: a}}", "").replace(
        "Events: {",
        &format!("Events: {{Implicit: {{Type: {kind}, Properties: {{Method: PUT, Path: /}}}}, "),
    );
    format!("{template}Globals: {{Api: {{Auth: {auth}}}}}\n")
}

#[test]
fn globals_are_checked_once_for_the_apis_that_are_used() {
    let auth = "{DefaultAuthorizer: A}";
    assert_errors([(
        with_globals(auth, true),
        "7: `DefaultAuthorizer` is `A`, which is not an authorizer of \
         `ServerlessRestApi`",
    )]);
    read(&with_globals(auth, false)).check().unwrap();

    let expression = "{FunctionArn: !GetAtt Hello.Arn, Identity: {ValidationExpression: '(?!a)'}}";
    let application = read(&with_globals(&format!("{{Authorizers: {{B: {expression}}}}}"), true));
    application.check().unwrap();
    let [warning] = &application.diagnostics.warnings[..] else { panic!("{application:?}") };
    assert_snapshot!(Error::from(warning.clone()), @"/project/template.yaml:7: tokens are not validated locally with `(?!a)`");
}

#[test]
fn nested_applications_use_their_own_authorizers_and_those_of_the_outer_template() {
    let template = "
Resources:
  Doorman: {Type: AWS::Serverless::Function}
  Shop:
    Type: AWS::Serverless::Application
    Properties: {Location: shop.yaml, Parameters: {Doorman: !GetAtt Doorman.Arn}}
";
    let shop = "
Parameters: {Doorman: {Type: String}}
Globals:
  Api:
    Auth:
      Authorizers:
        Own: {FunctionArn: !GetAtt Porter.Arn}
        Other: {FunctionArn: !Ref Doorman}
Resources:
  Porter: {Type: AWS::Serverless::Function}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Own: {Type: Api, Properties: {Method: GET, Path: /own, Auth: {Authorizer: Own}}}
        Other: {Type: Api, Properties: {Method: GET, Path: /other, Auth: {Authorizer: Other}}}
";
    let application = read_good_files(&[("template.yaml", template), ("shop.yaml", shop)]);
    assert_snapshot!(authorizers(&application.functions[2]), @r#"
    /own: Own Shop/Porter token V1 policy [Header("Authorization")]
    /other: Other Doorman token V1 policy [Header("Authorization")]
    "#);
}

#[test]
fn operations_have_the_default_authorizer_unless_they_name_another() {
    let definition = |kind: &str, root: &str| {
        let mut paths = String::new();
        for (path, method, security) in [
            ("default", "get", ""),
            ("preflight", "options", ""),
            ("empty", "get", "security: [],"),
            ("none", "get", "security: [{NONE: []}],"),
            ("key", "get", "security: [{api_key: []}],"),
            ("both", "get", "security: [{api_key: []}, {Other: []}],"),
            ("together", "get", "security: [{api_key: [], Other: []}],"),
        ] {
            let integration =
                "x-amazon-apigateway-integration: {uri: 'x:function:Hello/invocations'}";
            write!(paths, "/{path}: {{{method}: {{{security} {integration}}}}},").unwrap();
        }
        let auth = "Auth: {DefaultAuthorizer: A, Authorizers: {A: {UserPoolArn: a}, Other: {UserPoolArn: b}}}";
        let auth = if root.is_empty() {
            auth
        } else {
            "Auth: {Authorizers: {A: {UserPoolArn: a}, Other: {UserPoolArn: b}}}"
        };
        let template =
            with_api(kind, &format!("{auth}\n      DefinitionBody: {{{root} paths: {{{paths}}}}}"));
        authorizers(&read(&template).functions[0])
    };
    assert_snapshot!(definition("Api", ""), @"
    /default: Cognito A
    /preflight: Cognito A
    /empty: Cognito A
    /none: none
    /key: Cognito A
    /both: Cognito Other
    /together: Cognito Other
    ");
    assert_snapshot!(definition("HttpApi", ""), @"
    /default: Cognito A
    /preflight: none
    /empty: Cognito A
    /none: none
    /key: none
    /both: Cognito Other
    /together: Cognito Other
    ");
    assert_snapshot!(definition("Api", "security: [{api_key: []}, {A: []}],"), @"
    /default: Cognito A
    /preflight: Cognito A
    /empty: none
    /none: none
    /key: none
    /both: Cognito Other
    /together: Cognito Other
    ");
}

#[test]
fn an_event_overrides_the_authorizer_of_a_definition_if_it_says_so() {
    let template = |overrides: &str| {
        let auth = "DefaultAuthorizer: A, Authorizers: {A: {UserPoolArn: a}}";
        with_auth("Api", auth, &format!("Auth: {{Authorizer: NONE, OverrideApiAuth: {overrides}}}"))
            .replace(
                "  Hello:",
                "      DefinitionBody: {paths: {/: {get: {x-amazon-apigateway-integration: {uri: \
                 'x:function:Hello/x'}}}}}\n  Hello:",
            )
    };
    assert_eq!(authorizers(&read(&template("true")).functions[0]), "/: none");
    assert_eq!(authorizers(&read(&template("false")).functions[0]), "/: Cognito A");
}
