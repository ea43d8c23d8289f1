//! The authorizers of the code: their functions, their entries in the APIs, the `Auth` of the events.

use lambda_native::record::Record;
use serde_json::{Value, json};

use super::*;

/// The record of an authorizer with these parameters.
fn authorizer(name: &str, parameters: &Value) -> Value {
    json!({
        "runtime": "0.1.0", "name": name, "kind": "authorizer", "input": null, "output": "()", "types": [],
        "parameters": parameters,
    })
}

/// The record of a handler with a route, which has an authorizer or none.
fn handler(name: &str, route: &str, auth: Option<&str>) -> Value {
    let (method, path) = route.split_once(' ').unwrap();
    json!({
        "runtime": "0.1.0", "name": name, "kind": "http", "input": null, "output": "()", "types": [],
        "routes": [{"method": method, "path": path}], "auth": auth,
    })
}

fn token() -> Value {
    json!([{"in": "header", "name": "x-token", "type": "&str", "required": true}])
}

fn once(template: &str, records: &[Value], may_create: bool) -> Synchronized {
    let read = |record: &Value| serde_json::from_value::<Record>(record.clone()).unwrap();
    let records: Vec<_> = records.iter().map(read).collect();
    let path = Path::new("template.yaml");
    let application = Application::parse(template, path).unwrap();
    let functions = application.functions.iter();
    let programs: Vec<_> =
        functions.map(|function| Program { function, records: &records, id: 0 }).collect();
    let code = crate::sync::code::triggers(&programs);
    synchronize(template, path, &application, &code, Some(EventKind::Http), may_create).unwrap()
}

/// Runs the edit twice, which must be the same as once.
fn edited(template: &str, records: &[Value]) -> Synchronized {
    let first = once(template, records, true);
    let second = once(&first.text, records, true);
    assert_eq!(second.text, first.text);
    assert_eq!((second.changes, second.authorizers), (Vec::new(), Vec::new()));
    assert_eq!(second.remaining, first.remaining);
    first
}

/// The difference, and what is reported.
fn told(template: &str, result: &Synchronized) -> String {
    let changes = result.authorizers.iter().map(|it| format!("{} {}\n", it.change, it.what));
    let changes: String = changes.collect();
    let diff = diff::plain("template.yaml", template, &result.text);
    format!("{diff}\n{changes}{}", reports(result))
}

const EXPLICIT: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi

  # Everything about orders.
  Orders:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: makefile
    Properties:
      CodeUri: .
      Handler: bootstrap # all of them
      Runtime: provided.al2023
      Architectures: [arm64]
      Policies:
        - DynamoDBReadPolicy:
            TableName: !Ref Table
      ReservedConcurrentExecutions: 5
  Table:
    Type: AWS::Serverless::SimpleTable
";

#[test]
#[expect(clippy::too_many_lines, reason = "whole templates")]
fn an_authorizer_gets_a_function_an_entry_and_the_events() {
    let records = [
        authorizer("check", &token()),
        handler("me", "GET /me", Some("check")),
        handler("open", "GET /open", None),
    ];
    let result = edited(EXPLICIT, &records);
    insta::assert_snapshot!(told(EXPLICIT, &result), @r"
    --- template.yaml
    +++ template.yaml
    @@ -2,12 +2,27 @@
     Resources:
       Api:
         Type: AWS::Serverless::HttpApi
    +    Properties:
    +      Auth:
    +        Authorizers:
    +          Check:
    +            FunctionArn: !GetAtt CheckFunction.Arn
    +            AuthorizerPayloadFormatVersion: '2.0'
    +            EnableSimpleResponses: true
    +            EnableFunctionDefaultPermissions: true
    +            Identity:
    +              Headers: [x-token]
     
       # Everything about orders.
       Orders:
         Type: AWS::Serverless::Function
         Metadata:
           BuildMethod: makefile
    +      ScaffoldEvents:
    +        Me: GET /me
    +        Open: GET /open
    +      ScaffoldAuthorizers:
    +        Me: Check
         Properties:
           CodeUri: .
           Handler: bootstrap # all of them
    @@ -17,5 +32,30 @@
             - DynamoDBReadPolicy:
                 TableName: !Ref Table
           ReservedConcurrentExecutions: 5
    +      Events:
    +        Me:
    +          Type: HttpApi
    +          Properties:
    +            ApiId: !Ref Api
    +            Path: /me
    +            Method: get
    +            Auth:
    +              Authorizer: Check
    +        Open:
    +          Type: HttpApi
    +          Properties:
    +            ApiId: !Ref Api
    +            Path: /open
    +            Method: get
       Table:
         Type: AWS::Serverless::SimpleTable
    +  CheckFunction:
    +    Type: AWS::Serverless::Function
    +    Metadata:
    +      BuildMethod: makefile
    +    Properties:
    +      CodeUri: .
    +      Handler: check
    +      Runtime: provided.al2023
    +      Architectures: [arm64]
    +      Policies: [{DynamoDBReadPolicy: {TableName: !Ref Table}}]

    added function `CheckFunction` with `Handler: check`
    added authorizer `Check` of `Api`
    added authorizer `Check` of `Me` of `Orders`
    ");

    // What only the user may add is not added.
    let refused = once(EXPLICIT, &records, false);
    assert_eq!(
        refused.without_authorizer,
        ["authorizer `Check` of `Api`", "function `CheckFunction` with `Handler: check`"]
    );

    // The route does not have it any longer, and another one has it.
    let records = [
        authorizer("check", &token()),
        handler("me", "GET /me", None),
        handler("open", "GET /open", Some("check")),
        handler("new", "GET /new", None),
    ];
    let changed = edited(&result.text, &records);
    insta::assert_snapshot!(told(&result.text, &changed), @r"
    --- template.yaml
    +++ template.yaml
    @@ -21,8 +21,9 @@
           ScaffoldEvents:
             Me: GET /me
             Open: GET /open
    +        New: GET /new
           ScaffoldAuthorizers:
    -        Me: Check
    +        Open: Check
         Properties:
           CodeUri: .
           Handler: bootstrap # all of them
    @@ -39,14 +40,20 @@
                 ApiId: !Ref Api
                 Path: /me
                 Method: get
    -            Auth:
    -              Authorizer: Check
             Open:
               Type: HttpApi
               Properties:
                 ApiId: !Ref Api
                 Path: /open
                 Method: get
    +            Auth:
    +              Authorizer: Check
    +        New:
    +          Type: HttpApi
    +          Properties:
    +            ApiId: !Ref Api
    +            Path: /new
    +            Method: get
       Table:
         Type: AWS::Serverless::SimpleTable
       CheckFunction:

    added authorizer `Check` of `Open` of `Orders`
    removed authorizer `Check` of `Me` of `Orders`
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "whole templates")]
fn apis_that_sam_adds_have_their_authorizers_in_globals() {
    let template = "\
Globals:
  Function: {Runtime: provided.al2023}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: bootstrap
      FunctionUrlConfig: {AuthType: NONE}
      Events:
        Me: {Type: Api, Properties: {Path: /me, Method: get}}
    Metadata:
      ScaffoldEvents: {Me: GET /me}
";
    let look = json!([
        {"in": "header", "name": "x-a", "type": "&str", "required": true},
        {"in": "query", "name": "key", "type": "&str", "required": true},
        {"in": "header", "name": "x-b", "type": "Option<&str>", "required": false},
        {"in": "request", "name": "", "type": "Request<'_>", "required": true},
    ]);
    let records = [authorizer("look_at", &look), handler("me", "GET /me", Some("look_at"))];
    let result = edited(template, &records);
    insta::assert_snapshot!(told(template, &result), @r"
    --- template.yaml
    +++ template.yaml
    @@ -1,5 +1,15 @@
     Globals:
       Function: {Runtime: provided.al2023}
    +  Api:
    +    Auth:
    +      Authorizers:
    +        LookAt:
    +          FunctionArn: !GetAtt LookAtFunction.Arn
    +          FunctionPayloadType: REQUEST
    +          Identity:
    +            Headers: [x-a]
    +            QueryStrings: [key]
    +            ReauthorizeEvery: 0
     Resources:
       Orders:
         Type: AWS::Serverless::Function
    @@ -8,6 +18,13 @@
           Handler: bootstrap
           FunctionUrlConfig: {AuthType: NONE}
           Events:
    -        Me: {Type: Api, Properties: {Path: /me, Method: get}}
    +        Me: {Type: Api, Properties: {Path: /me, Method: get, Auth: {Authorizer: LookAt}}}
         Metadata:
           ScaffoldEvents: {Me: GET /me}
    +      ScaffoldAuthorizers:
    +        Me: LookAt
    +  LookAtFunction:
    +    Type: AWS::Serverless::Function
    +    Properties:
    +      CodeUri: .
    +      Handler: look_at

    added function `LookAtFunction` with `Handler: look_at`
    added authorizer `LookAt` of the REST API
    added authorizer `LookAt` of `Me` of `Orders`
    ");

    let http = template.replace("Type: Api", "Type: HttpApi");
    let records = [authorizer("look_at", &json!([])), handler("me", "GET /me", Some("look_at"))];
    let result = edited(&http, &records);
    insta::assert_snapshot!(told(&http, &result), @r"
    --- template.yaml
    +++ template.yaml
    @@ -1,5 +1,15 @@
     Globals:
       Function: {Runtime: provided.al2023}
    +  HttpApi:
    +    Auth:
    +      Authorizers:
    +        LookAt:
    +          FunctionArn: !GetAtt LookAtFunction.Arn
    +          AuthorizerPayloadFormatVersion: '2.0'
    +          EnableSimpleResponses: true
    +          EnableFunctionDefaultPermissions: true
    +          Identity:
    +            ReauthorizeEvery: 0
     Resources:
       Orders:
         Type: AWS::Serverless::Function
    @@ -8,6 +18,13 @@
           Handler: bootstrap
           FunctionUrlConfig: {AuthType: NONE}
           Events:
    -        Me: {Type: HttpApi, Properties: {Path: /me, Method: get}}
    +        Me: {Type: HttpApi, Properties: {Path: /me, Method: get, Auth: {Authorizer: LookAt}}}
         Metadata:
           ScaffoldEvents: {Me: GET /me}
    +      ScaffoldAuthorizers:
    +        Me: LookAt
    +  LookAtFunction:
    +    Type: AWS::Serverless::Function
    +    Properties:
    +      CodeUri: .
    +      Handler: look_at

    added function `LookAtFunction` with `Handler: look_at`
    added authorizer `LookAt` of the HTTP API
    added authorizer `LookAt` of `Me` of `Orders`
    ");
}

#[test]
fn a_template_that_has_the_authorizer_stays_as_it_is() {
    let template = "\
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Doorman
        Authorizers:
          Doorman:
            AuthorizerPayloadFormatVersion: '2.0'
            EnableSimpleResponses: true
            FunctionArn: !Sub '${Check.Arn}'
  Check:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: auth.check}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Events:
        Me: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /me, Method: GET}}
";
    let records = [authorizer("check", &token()), handler("me", "GET /me", Some("check"))];
    let result = edited(template, &records);
    assert_eq!(result.text, template);
    assert_eq!(reports(&result), "");

    // The program has a simple response for payload 2.0.
    let policy = template.replace("            EnableSimpleResponses: true\n", "");
    let result = edited(&policy, &records);
    assert_eq!(result.text, policy);
    insta::assert_snapshot!(reports(&result), @r"
    warning: the authorizer `Doorman` does not have `EnableSimpleResponses`, which payload 2.0 needs
    hint: set `EnableSimpleResponses: true`, or `AuthorizerPayloadFormatVersion: '1.0'`
    ");

    // The authorizer is there, and new events get it by its name.
    let without = template.replace("        DefaultAuthorizer: Doorman\n", "");
    let without =
        without.replace("        Me: {Type", "        List: {Type").replace("/me", "/list");
    let result = edited(&without, &records);
    insta::assert_snapshot!(told(&without, &result), @r"
    --- template.yaml
    +++ template.yaml
    @@ -17,3 +17,16 @@
           CodeUri: .
           Events:
             List: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /list, Method: GET}}
    +        Me:
    +          Type: HttpApi
    +          Properties:
    +            ApiId: !Ref Api
    +            Path: /me
    +            Method: GET
    +            Auth:
    +              Authorizer: Doorman
    +    Metadata:
    +      ScaffoldEvents:
    +        Me: GET /me
    +      ScaffoldAuthorizers:
    +        Me: Doorman

    added authorizer `Doorman` of `Me` of `Orders`
    warning: `List` of `Orders` is `GET /list`, which no handler serves
    hint: remove the event, or add the route to the code
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "whole templates")]
fn what_was_written_or_changed_by_hand_stays() {
    let records = [
        authorizer("check", &token()),
        authorizer("other", &token()),
        handler("me", "GET /me", Some("check")),
        handler("mine", "GET /mine", Some("check")),
    ];
    let written = edited(EXPLICIT, &records).text;
    let mine = "            Auth:\n              Authorizer: Check\n";
    let at = written.rfind(mine).unwrap();

    // Removed from one event.
    let removed = format!("{}{}", &written[..at], &written[at + mine.len()..]);
    let result = edited(&removed, &records);
    assert_eq!(result.text, removed);
    insta::assert_snapshot!(reports(&result), @r"
    error: the authorizer of `Mine` of `Orders` was removed by hand, and the code has `check`
    hint: remove `Mine` below `ScaffoldAuthorizers` to get it back, or `auth` from the code
    ");

    // Changed in one event.
    let changed = format!("{}{}", &written[..at], written[at..].replacen("Check", "NONE", 1));
    let result = edited(&changed, &records);
    assert_eq!(result.text, changed);
    insta::assert_snapshot!(reports(&result), @r"
    error: `Mine` of `Orders` has the authorizer `NONE`, and the code has `check`
    hint: remove `Authorizer` from the event to get the one of the code, or `auth` from the code
    ");

    // An event of the user's own.
    let by_hand = EXPLICIT.replace(
        "      ReservedConcurrentExecutions: 5\n",
        "      Events:\n        Me: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /me, Method: get}}\n",
    );
    let result = edited(&by_hand, &records[..3]);
    insta::assert_snapshot!(told(&by_hand, &result), @r"
    --- template.yaml
    +++ template.yaml
    @@ -2,6 +2,16 @@
     Resources:
       Api:
         Type: AWS::Serverless::HttpApi
    +    Properties:
    +      Auth:
    +        Authorizers:
    +          Check:
    +            FunctionArn: !GetAtt CheckFunction.Arn
    +            AuthorizerPayloadFormatVersion: '2.0'
    +            EnableSimpleResponses: true
    +            EnableFunctionDefaultPermissions: true
    +            Identity:
    +              Headers: [x-token]
     
       # Everything about orders.
       Orders:
    @@ -20,3 +30,13 @@
             Me: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /me, Method: get}}
       Table:
         Type: AWS::Serverless::SimpleTable
    +  CheckFunction:
    +    Type: AWS::Serverless::Function
    +    Metadata:
    +      BuildMethod: makefile
    +    Properties:
    +      CodeUri: .
    +      Handler: check
    +      Runtime: provided.al2023
    +      Architectures: [arm64]
    +      Policies: [{DynamoDBReadPolicy: {TableName: !Ref Table}}]

    added function `CheckFunction` with `Handler: check`
    added authorizer `Check` of `Api`
    error: `Me` of `Orders` has no authorizer, and `GET /me` has `check` in the code
    hint: you wrote the event: add `Auth: {Authorizer: Check}` to it
    ");

    // Another authorizer in the code.
    let records = [
        authorizer("check", &token()),
        authorizer("other", &token()),
        handler("me", "GET /me", Some("check")),
        handler("mine", "GET /mine", Some("other")),
    ];
    let result = edited(&written, &records);
    insta::assert_snapshot!(told(&written, &result), @r"
    --- template.yaml
    +++ template.yaml
    @@ -12,6 +12,13 @@
                 EnableFunctionDefaultPermissions: true
                 Identity:
                   Headers: [x-token]
    +          Other:
    +            FunctionArn: !GetAtt OtherFunction.Arn
    +            AuthorizerPayloadFormatVersion: '2.0'
    +            EnableSimpleResponses: true
    +            EnableFunctionDefaultPermissions: true
    +            Identity:
    +              Headers: [x-token]
     
       # Everything about orders.
       Orders:
    @@ -23,7 +30,7 @@
             Mine: GET /mine
           ScaffoldAuthorizers:
             Me: Check
    -        Mine: Check
    +        Mine: Other
         Properties:
           CodeUri: .
           Handler: bootstrap # all of them
    @@ -49,7 +56,7 @@
                 Path: /mine
                 Method: get
                 Auth:
    -              Authorizer: Check
    +              Authorizer: Other
       Table:
         Type: AWS::Serverless::SimpleTable
       CheckFunction:
    @@ -62,3 +69,13 @@
           Runtime: provided.al2023
           Architectures: [arm64]
           Policies: [{DynamoDBReadPolicy: {TableName: !Ref Table}}]
    +  OtherFunction:
    +    Type: AWS::Serverless::Function
    +    Metadata:
    +      BuildMethod: makefile
    +    Properties:
    +      CodeUri: .
    +      Handler: other
    +      Runtime: provided.al2023
    +      Architectures: [arm64]
    +      Policies: [{DynamoDBReadPolicy: {TableName: !Ref Table}}]

    added function `OtherFunction` with `Handler: other`
    added authorizer `Other` of `Api`
    changed authorizer `Other` of `Mine` of `Orders`
    ");
}

#[test]
fn what_asks_no_authorizer_or_cannot_be_edited_is_reported() {
    let url = "\
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., FunctionUrlConfig: {AuthType: NONE}}
";
    let records = [authorizer("check", &token()), handler("me", "GET /me", Some("check"))];
    let result = edited(url, &records);
    assert_eq!(result.text, url);
    insta::assert_snapshot!(reports(&result), @r"
    warning: nothing asks the authorizer `check` for `GET /me` of `Orders`, which no event leads to
    hint: without one the handler responds with `401`: add an API, or check the requests of a function URL with `wrap`
    ");

    let image = "\
Resources:
  Api: {Type: AWS::Serverless::HttpApi}
  Orders:
    Type: AWS::Serverless::Function
    Metadata: {Dockerfile: Dockerfile, DockerContext: .}
    Properties: {PackageType: Image}
";
    let result = edited(image, &records);
    insta::assert_snapshot!(told(image, &result), @"
    --- template.yaml
    +++ template.yaml
    @@ -1,6 +1,15 @@
     Resources:
    -  Api: {Type: AWS::Serverless::HttpApi}
    +  Api: {Type: AWS::Serverless::HttpApi, Properties: {Auth: {Authorizers: {Check: {FunctionArn: !GetAtt CheckFunction.Arn, AuthorizerPayloadFormatVersion: '2.0', EnableSimpleResponses: true, EnableFunctionDefaultPermissions: true, Identity: {Headers: [x-token]}}}}}}
       Orders:
         Type: AWS::Serverless::Function
    -    Metadata: {Dockerfile: Dockerfile, DockerContext: .}
    -    Properties: {PackageType: Image}
    +    Metadata: {Dockerfile: Dockerfile, DockerContext: ., ScaffoldEvents: {Me: GET /me}, ScaffoldAuthorizers: {Me: Check}}
    +    Properties: {PackageType: Image, Events: {Me: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /me, Method: get, Auth: {Authorizer: Check}}}}}
    +  CheckFunction:
    +    Type: AWS::Serverless::Function
    +    Metadata:
    +      Dockerfile: Dockerfile
    +      DockerContext: .
    +    Properties:
    +      PackageType: Image
    +      ImageConfig:
    +        Command: [check]

    added function `CheckFunction` with `Command: [check]`
    added authorizer `Check` of `Api`
    added authorizer `Check` of `Me` of `Orders`
    ");

    let shared = "\
Resources:
  Api: {Type: AWS::Serverless::HttpApi, Properties: &shared {Name: orders}}
  Other: {Type: AWS::Serverless::HttpApi, Properties: *shared}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Events: {List: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /list, Method: get}}}
";
    let result = edited(shared, &records);
    insta::assert_snapshot!(told(shared, &result), @r"
    --- template.yaml
    +++ template.yaml
    @@ -5,4 +5,7 @@
         Type: AWS::Serverless::Function
         Properties:
           CodeUri: .
    -      Events: {List: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /list, Method: get}}}
    +      Events: {List: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /list, Method: get}}, Me: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /me, Method: get}}}
    +    Metadata:
    +      ScaffoldEvents:
    +        Me: GET /me

    error: cannot edit the authorizers of `Orders`: `Properties` has an anchor that other parts use
    hint: write them by hand: `docs/sync.md` of lambda-native has an example
    warning: `List` of `Orders` is `GET /list`, which no handler serves
    hint: remove the event, or add the route to the code
    ");
}

#[test]
fn templates_in_json_get_authorizers_too() {
    let template = r#"{
  "Resources": {
    "Api": {"Type": "AWS::Serverless::HttpApi"},
    "Orders": {
      "Type": "AWS::Serverless::Function",
      "Properties": {
        "CodeUri": ".",
        "Handler": "bootstrap"
      }
    }
  }
}
"#;
    let records = [authorizer("check", &token()), handler("me", "GET /me", Some("check"))];
    let result = edited(template, &records);
    assert!(serde_json::from_str::<Value>(&result.text).is_ok());
    insta::assert_snapshot!(told(template, &result), @r#"
    --- template.yaml
    +++ template.yaml
    @@ -1,12 +1,15 @@
     {
       "Resources": {
    -    "Api": {"Type": "AWS::Serverless::HttpApi"},
    +    "Api": {"Type": "AWS::Serverless::HttpApi", "Properties": {"Auth": {"Authorizers": {"Check": {"FunctionArn": {"Fn::GetAtt": ["CheckFunction", "Arn"]}, "AuthorizerPayloadFormatVersion": "2.0", "EnableSimpleResponses": true, "EnableFunctionDefaultPermissions": true, "Identity": {"Headers": ["x-token"]}}}}}},
         "Orders": {
           "Type": "AWS::Serverless::Function",
           "Properties": {
             "CodeUri": ".",
    -        "Handler": "bootstrap"
    -      }
    -    }
    +        "Handler": "bootstrap",
    +        "Events": {"Me": {"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "Api"}, "Path": "/me", "Method": "get", "Auth": {"Authorizer": "Check"}}}}
    +      },
    +      "Metadata": {"ScaffoldEvents": {"Me": "GET /me"}, "ScaffoldAuthorizers": {"Me": "Check"}}
    +    },
    +    "CheckFunction": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": ".", "Handler": "check"}}
       }
     }

    added function `CheckFunction` with `Handler: check`
    added authorizer `Check` of `Api`
    added authorizer `Check` of `Me` of `Orders`
    "#);
}
