//! The edit of whole templates.

mod authorizers;
mod sources;

use std::path::Path;

use super::code::{FunctionTriggers, HandlerTrigger, Program};
use super::compare::{Synchronized, synchronize};
use super::events::EventKind;
use super::trigger::Trigger;
use crate::sam::Application;
use crate::term::diff;

/// The routes and sources of a function: each `handler METHOD /path` or `handler sqs Queue`.
fn code(function: &str, triggers: &[&str]) -> FunctionTriggers {
    let trigger = |text: &&str| {
        let (handler, trigger) = text.split_once(' ').unwrap();
        HandlerTrigger { handler: handler.to_owned(), trigger: Trigger::parse(trigger).unwrap() }
    };
    FunctionTriggers {
        function: function.to_owned(),
        triggers: triggers.iter().map(trigger).collect(),
        authorized: Vec::new(),
        authorizers: Vec::new(),
        has_other_handlers: false,
        shared_with: Vec::new(),
        unreachable: Vec::new(),
    }
}

/// Runs the edit twice, which must be the same as once.
fn run(template: &str, code: &[FunctionTriggers], new_api: Option<EventKind>) -> Synchronized {
    let path = Path::new("template.yaml");
    let edit = |text: &str| {
        let application = Application::parse(text, path).unwrap();
        synchronize(text, path, &application, code, new_api, true).unwrap()
    };
    let once = edit(template);
    let twice = edit(&once.text);
    assert_eq!(twice.text, once.text);
    assert_eq!(twice.changes, []);
    assert_eq!(twice.authorizers, []);
    assert_eq!(twice.remaining, once.remaining);
    once
}

fn sync(template: &str, routes: &[&str]) -> Synchronized {
    run(template, &[code("Orders", routes)], None)
}

/// Lists what is reported.
fn reports(result: &Synchronized) -> String {
    let errors =
        result.remaining.iter().map(|it| format!("error: {}\nhint: {}\n", it.message, it.hint));
    let warnings =
        result.remarks.iter().map(|it| format!("warning: {}\nhint: {}\n", it.message, it.hint));
    errors.chain(warnings).collect()
}

/// A template in the usual layout, with an event that was written by hand.
const BLOCK: &str = "\
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31  # SAM

Resources:
  Api:
    Type: AWS::Serverless::HttpApi

  # Everything about orders.
  Orders:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: makefile
    Properties:
      Handler: bootstrap # all of them
      Runtime: \"provided.al2023\"
      Events:
        # by hand
        List:
          Type: HttpApi
          Properties: { ApiId: !Ref Api, Path: /orders, Method: GET }
        # the end of the events
      Policies:
        - DynamoDBReadPolicy:
            TableName: !Ref Table

  Table:
    Type: AWS::Serverless::SimpleTable

Outputs:
  Url:
    Value: !Sub 'https://${Api}.execute-api.${AWS::Region}.amazonaws.com'
";

#[test]
fn adds_missing_routes_like_the_events_of_the_function() {
    let code =
        ["list_orders GET /orders", "place_order POST /orders", "get_order GET /orders/{id}"];
    let result = sync(BLOCK, &code);
    assert_eq!(reports(&result), "");
    insta::assert_snapshot!(result.text, @r#"
    AWSTemplateFormatVersion: '2010-09-09'
    Transform: AWS::Serverless-2016-10-31  # SAM

    Resources:
      Api:
        Type: AWS::Serverless::HttpApi

      # Everything about orders.
      Orders:
        Type: AWS::Serverless::Function
        Metadata:
          BuildMethod: makefile
          ScaffoldEvents:
            PlaceOrder: POST /orders
            GetOrder: GET /orders/{id}
        Properties:
          Handler: bootstrap # all of them
          Runtime: "provided.al2023"
          Events:
            # by hand
            List:
              Type: HttpApi
              Properties: { ApiId: !Ref Api, Path: /orders, Method: GET }
            # the end of the events
            PlaceOrder:
              Type: HttpApi
              Properties:
                ApiId: !Ref Api
                Path: /orders
                Method: POST
            GetOrder:
              Type: HttpApi
              Properties:
                ApiId: !Ref Api
                Path: /orders/{id}
                Method: GET
          Policies:
            - DynamoDBReadPolicy:
                TableName: !Ref Table

      Table:
        Type: AWS::Serverless::SimpleTable

    Outputs:
      Url:
        Value: !Sub 'https://${Api}.execute-api.${AWS::Region}.amazonaws.com'
    "#);
}

#[test]
fn removes_its_own_events_and_no_others() {
    let code =
        ["list_orders GET /orders", "place_order POST /orders", "get_order GET /orders/{id}"];
    let before = sync(BLOCK, &code).text;
    let result = sync(&before, &["get_order GET /orders/{id}"]);
    insta::assert_snapshot!(result.text, @r#"
    AWSTemplateFormatVersion: '2010-09-09'
    Transform: AWS::Serverless-2016-10-31  # SAM

    Resources:
      Api:
        Type: AWS::Serverless::HttpApi

      # Everything about orders.
      Orders:
        Type: AWS::Serverless::Function
        Metadata:
          BuildMethod: makefile
          ScaffoldEvents:
            GetOrder: GET /orders/{id}
        Properties:
          Handler: bootstrap # all of them
          Runtime: "provided.al2023"
          Events:
            # by hand
            List:
              Type: HttpApi
              Properties: { ApiId: !Ref Api, Path: /orders, Method: GET }
            # the end of the events
            GetOrder:
              Type: HttpApi
              Properties:
                ApiId: !Ref Api
                Path: /orders/{id}
                Method: GET
          Policies:
            - DynamoDBReadPolicy:
                TableName: !Ref Table

      Table:
        Type: AWS::Serverless::SimpleTable

    Outputs:
      Url:
        Value: !Sub 'https://${Api}.execute-api.${AWS::Region}.amazonaws.com'
    "#);
    insta::assert_snapshot!(reports(&result), @r"
    warning: `List` of `Orders` is `GET /orders`, which no handler serves
    hint: remove the event, or add the route to the code
    ");

    // Without any, the template is what it was before.
    let result = sync(&before, &["list_orders GET /orders"]);
    assert_eq!(result.text, BLOCK);
    assert_eq!(reports(&result), "");
    let result = sync(&before, &[]);
    assert_eq!(result.text, BLOCK);
}

#[test]
fn changes_the_route_of_its_event_in_place() {
    let before = sync(BLOCK, &["get_order GET /orders/{id}"]).text;
    let before = before.replace("Method: GET\n", "Method: GET # one\n          # details\n");
    let result = sync(&before, &["get_order ANY /orders/{order}/{rest+}"]);
    let changes = serde_json::to_string(&result.changes).unwrap();
    insta::assert_snapshot!(changes, @r#"[{"function":"Orders","event":"GetOrder","from":"GET /orders/{id}","to":"ANY /orders/{order}/{rest+}"}]"#);
    insta::assert_snapshot!(diff::plain("template.yaml", &before, &result.text), @r#"
    --- template.yaml
    +++ template.yaml
    @@ -11,7 +11,7 @@
         Metadata:
           BuildMethod: makefile
           ScaffoldEvents:
    -        GetOrder: GET /orders/{id}
    +        GetOrder: ANY /orders/{order}/{rest+}
         Properties:
           Handler: bootstrap # all of them
           Runtime: "provided.al2023"
    @@ -25,8 +25,8 @@
               Type: HttpApi
               Properties:
                 ApiId: !Ref Api
    -            Path: /orders/{id}
    -            Method: GET # one
    +            Path: /orders/{order}/{rest+}
    +            Method: ANY # one
               # details
           Policies:
             - DynamoDBReadPolicy:
    "#);
}

#[test]
fn keeps_and_reports_what_was_changed_by_hand() {
    let code =
        ["place_order POST /orders", "get_order GET /orders/{id}", "list_orders GET /orders"];
    let before = sync(BLOCK, &code).text;
    let by_hand = before.replace("Path: /orders/{id}\n", "Path: /v2/orders/{id}\n");
    assert_ne!(by_hand, before);
    let result = sync(&by_hand, &code);
    assert_eq!(result.text, by_hand);
    insta::assert_snapshot!(reports(&result), @r"
    error: `GetOrder` of `Orders` was changed by hand to `GET /v2/orders/{id}`; the code has `GET /orders/{id}`
    hint: change one of them, so that both are the same
    ");

    // It stays even if its route is gone.
    let result = sync(&by_hand, &["place_order POST /orders", "list_orders GET /orders"]);
    insta::assert_snapshot!(diff::plain("template.yaml", &by_hand, &result.text), @r#"
    --- template.yaml
    +++ template.yaml
    @@ -12,7 +12,6 @@
           BuildMethod: makefile
           ScaffoldEvents:
             PlaceOrder: POST /orders
    -        GetOrder: GET /orders/{id}
         Properties:
           Handler: bootstrap # all of them
           Runtime: "provided.al2023"
    "#);
    insta::assert_snapshot!(reports(&result), @r"
    warning: `GetOrder` of `Orders` was changed by hand to `GET /v2/orders/{id}`; the code no longer has `GET /orders/{id}`
    hint: remove it if nothing needs it; it is yours from now on
    ");

    // Code and template were changed alike.
    let code =
        ["place_order POST /orders", "get_order GET /v2/orders/{id}", "list_orders GET /orders"];
    let result = sync(&by_hand, &code);
    insta::assert_snapshot!(diff::plain("template.yaml", &by_hand, &result.text), @r#"
    --- template.yaml
    +++ template.yaml
    @@ -12,7 +12,7 @@
           BuildMethod: makefile
           ScaffoldEvents:
             PlaceOrder: POST /orders
    -        GetOrder: GET /orders/{id}
    +        GetOrder: GET /v2/orders/{id}
         Properties:
           Handler: bootstrap # all of them
           Runtime: "provided.al2023"
    "#);
    assert_eq!(reports(&result), "");
}

#[test]
fn does_not_bring_back_what_was_removed_by_hand() {
    let code = ["place_order POST /orders", "list_orders GET /orders"];
    let before = sync(BLOCK, &code).text;
    let start = before.find("        PlaceOrder:\n          Type").unwrap();
    let end = before.find("      Policies:").unwrap();
    let by_hand = format!("{}{}", &before[..start], &before[end..]);
    let result = sync(&by_hand, &code);
    assert_eq!(result.text, by_hand);
    insta::assert_snapshot!(reports(&result), @r"
    warning: `PlaceOrder` of `Orders` was removed by hand; the code still has `POST /orders`
    hint: to get it back, remove `PlaceOrder` below `ScaffoldEvents` too
    ");
}

#[test]
fn keeps_an_event_that_was_extended_by_hand() {
    let before = sync(BLOCK, &["place_order POST /orders", "list_orders GET /orders"]).text;
    let by_hand =
        before.replace("Method: POST\n", "Method: POST\n            TimeoutInMillis: 9000\n");
    let result = sync(&by_hand, &["list_orders GET /orders"]);
    insta::assert_snapshot!(diff::plain("template.yaml", &by_hand, &result.text), @r#"
    --- template.yaml
    +++ template.yaml
    @@ -10,8 +10,6 @@
         Type: AWS::Serverless::Function
         Metadata:
           BuildMethod: makefile
    -      ScaffoldEvents:
    -        PlaceOrder: POST /orders
         Properties:
           Handler: bootstrap # all of them
           Runtime: "provided.al2023"
    "#);
    insta::assert_snapshot!(reports(&result), @r"
    warning: `PlaceOrder` of `Orders` was extended by hand, so it stays; the code no longer has `POST /orders`
    hint: remove it if nothing needs it; it is yours from now on
    ");
}

#[test]
fn keeps_line_breaks_of_windows() {
    let template = BLOCK.replace('\n', "\r\n");
    let result = sync(&template, &["get_order GET /orders/{id}", "list_orders GET /orders"]);
    assert_eq!(result.text.matches('\n').count(), result.text.matches("\r\n").count());
    let unix = sync(BLOCK, &["get_order GET /orders/{id}", "list_orders GET /orders"]);
    assert_eq!(result.text.replace("\r\n", "\n"), unix.text);
    assert_eq!(sync(&result.text, &["list_orders GET /orders"]).text, template);
}

/// Everything on few lines, some of them short.
const FLOW: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
    Orders: {Type: AWS::Serverless::Function, Properties: {Handler: bootstrap, Events: {List: {Type: Api, Properties: {Path: /orders, Method: get}}}}}
    Users:
        Type: AWS::Serverless::Function
        Properties:
            Events: {
                List: {Type: Api, Properties: {Path: /users, Method: get}}, # all
            }
    Empty:
        Type: AWS::Serverless::Function
        Properties:
            Events: {} # none so far
            Role: !GetAtt Role.Arn
    Unset:
        Type: AWS::Serverless::Function
        Properties:
            Events: # later
            Role: !GetAtt [Role, Arn]";

#[test]
fn edits_flow_mappings_and_empty_ones() {
    let code = [
        code("Orders", &["list GET /orders", "get_order GET /orders/{id}"]),
        code("Users", &["list GET /users", "get_user GET /users/{id}", "put_user PUT /users/{id}"]),
        code("Empty", &["ping GET /ping"]),
        code("Unset", &["pong ANY /pong/{path+}", "pong HEAD /"]),
    ];
    let result = run(FLOW, &code, None);
    assert_eq!(reports(&result), "");
    insta::assert_snapshot!(result.text, @r"
    Transform: AWS::Serverless-2016-10-31
    Resources:
        Orders: {Type: AWS::Serverless::Function, Properties: {Handler: bootstrap, Events: {List: {Type: Api, Properties: {Path: /orders, Method: get}}, GetOrder: {Type: Api, Properties: {Path: '/orders/{id}', Method: get}}}}, Metadata: {ScaffoldEvents: {GetOrder: 'GET /orders/{id}'}}}
        Users:
            Type: AWS::Serverless::Function
            Properties:
                Events: {
                    List: {Type: Api, Properties: {Path: /users, Method: get}}, # all
                    GetUser: {Type: Api, Properties: {Path: '/users/{id}', Method: get}},
                    PutUser: {Type: Api, Properties: {Path: '/users/{id}', Method: put}},
                }
            Metadata:
                ScaffoldEvents:
                    GetUser: GET /users/{id}
                    PutUser: PUT /users/{id}
        Empty:
            Type: AWS::Serverless::Function
            Properties:
                Events: # none so far
                    Ping:
                        Type: Api
                        Properties:
                            Path: /ping
                            Method: get
                Role: !GetAtt Role.Arn
            Metadata:
                ScaffoldEvents:
                    Ping: GET /ping
        Unset:
            Type: AWS::Serverless::Function
            Properties:
                Events: # later
                    Pong:
                        Type: Api
                        Properties:
                            Path: /
                            Method: head
                    Pong2:
                        Type: Api
                        Properties:
                            Path: /pong/{path+}
                            Method: any
                Role: !GetAtt [Role, Arn]
            Metadata:
                ScaffoldEvents:
                    Pong: HEAD /
                    Pong2: ANY /pong/{path+}
    ");
    let none: Vec<_> =
        code.iter().map(|it| FunctionTriggers { triggers: Vec::new(), ..it.clone() }).collect();
    let result = run(&result.text, &none, None);
    insta::assert_snapshot!(diff::plain("template.yaml", FLOW, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -15,5 +15,5 @@
         Unset:
             Type: AWS::Serverless::Function
             Properties:
    -            Events: # later
    +            Events: {} # later
                 Role: !GetAtt [Role, Arn]
    \ No newline at end of file
    ");
}

#[test]
fn removes_the_properties_that_it_has_added() {
    let template = "Resources:\n  Orders:\n    Type: AWS::Serverless::Function\n";
    let code_of = |routes: &[&str]| [code("Orders", routes)];
    let with = run(template, &code_of(&["list GET /orders"]), Some(EventKind::Http)).text;
    assert_ne!(with, template);
    assert_eq!(run(&with, &code_of(&[]), None).text, template);
}

#[test]
fn edits_json() {
    let template = r#"{
  "Transform": "AWS::Serverless-2016-10-31",
  "Resources": {
    "Api": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "v1"}},
    "Orders": {
      "Type": "AWS::Serverless::Function",
      "Properties": {
        "Handler": "bootstrap"
      }
    }
  }
}
"#;
    let result = sync(template, &["get_order GET /orders/{id}", "list GET /orders"]);
    serde_json::from_str::<serde_json::Value>(&result.text).unwrap();
    insta::assert_snapshot!(result.text, @r#"
    {
      "Transform": "AWS::Serverless-2016-10-31",
      "Resources": {
        "Api": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "v1"}},
        "Orders": {
          "Type": "AWS::Serverless::Function",
          "Properties": {
            "Handler": "bootstrap",
            "Events": {"List": {"Type": "Api", "Properties": {"RestApiId": {"Ref": "Api"}, "Path": "/orders", "Method": "get"}}, "GetOrder": {"Type": "Api", "Properties": {"RestApiId": {"Ref": "Api"}, "Path": "/orders/{id}", "Method": "get"}}}
          },
          "Metadata": {"ScaffoldEvents": {"List": "GET /orders", "GetOrder": "GET /orders/{id}"}}
        }
      }
    }
    "#);
    let one = sync(&result.text, &["list GET /orders"]);
    serde_json::from_str::<serde_json::Value>(&one.text).unwrap();
    let other = sync(&result.text, &["get_order GET /orders/{id}"]);
    serde_json::from_str::<serde_json::Value>(&other.text).unwrap();
}

#[test]
fn leaves_a_function_that_gets_every_request() {
    for events in [
        "FunctionUrlConfig: {AuthType: NONE}",
        "Events: {All: {Type: HttpApi}}",
        "Events: {All: {Type: Api, Properties: {Path: '/{proxy+}', Method: any}}}",
    ] {
        let template = format!(
            "Resources:\n  Orders:\n    Type: AWS::Serverless::Function\n    Properties:\n      {events}\n"
        );
        let result = sync(&template, &["list GET /orders", "get POST /orders/{id}"]);
        assert_eq!(result.text, template);
        assert_eq!(reports(&result), "");
        assert_eq!(result.without_api, [""; 0]);
    }
}

#[test]
fn adds_no_api_without_permission() {
    let template = "Resources:\n  Orders:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: bootstrap\n";
    let listed = [code("Orders", &["list GET /orders"])];
    let result = run(template, &listed, None);
    assert_eq!(result.text, template);
    assert_eq!(result.without_api, ["Orders"]);
    let result = run(template, &listed, Some(EventKind::Http));
    insta::assert_snapshot!(result.text, @r"
    Resources:
      Orders:
        Type: AWS::Serverless::Function
        Properties:
          Handler: bootstrap
          Events:
            List:
              Type: HttpApi
              Properties:
                Path: /orders
                Method: get
        Metadata:
          ScaffoldEvents:
            List: GET /orders
    ");
    // Without the event, the API is gone.
    let path = Path::new("template.yaml");
    let application = Application::parse(&result.text, path).unwrap();
    let none = [code("Orders", &[])];
    let result = synchronize(&result.text, path, &application, &none, None, true).unwrap();
    assert_eq!(result.text, template);
    assert_eq!(result.lost_apis, [EventKind::Http]);
}

#[test]
fn refuses_what_it_cannot_edit() {
    let function = |events: &str| {
        format!(
            "Common: &common\n  A: {{Type: HttpApi, Properties: {{Path: /a, Method: get}}}}\n\
             Resources:\n  Orders:\n    Type: AWS::Serverless::Function\n    Properties:\n{events}"
        )
    };
    let other =
        "  Other:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events: *events\n";
    let mut all = String::new();
    for events in [
        "      Events: *common\n".to_owned(),
        "      <<: {Events: *common}\n".to_owned(),
        format!(
            "      Events: &events\n        B: {{Type: HttpApi, Properties: {{Path: /a, Method: get}}}}\n{other}"
        ),
    ] {
        let template = function(&events);
        let result = sync(&template, &["a GET /a", "b GET /b"]);
        assert_eq!(result.text, template);
        all += &reports(&result);
    }
    insta::assert_snapshot!(all, @r"
    error: cannot edit the events of `Orders`: `Events` is the alias `*common`
    hint: change them by hand: add `GET /b`
    error: cannot edit the events of `Orders`: `Properties` takes values from another place with `<<`
    hint: change them by hand: add `GET /b`
    error: cannot edit the events of `Orders`: `Events` has an anchor that other parts use
    hint: change them by hand: add `GET /b`
    ");

    // An anchor that nothing uses, and one for an event, are no obstacle.
    let template = function(
        "      Events: &events\n        <<: *common\n        B: &b\n          Type: HttpApi\n          Properties: {Path: /b, Method: get}\n        C: *b\n",
    );
    let result = sync(&template, &["a GET /a", "b GET /b", "c GET /c"]);
    assert_eq!(reports(&result), "");
    insta::assert_snapshot!(diff::plain("template.yaml", &template, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -10,3 +10,11 @@
               Type: HttpApi
               Properties: {Path: /b, Method: get}
             C: *b
    +        C2:
    +          Type: HttpApi
    +          Properties:
    +            Path: /c
    +            Method: get
    +    Metadata:
    +      ScaffoldEvents:
    +        C2: GET /c
    ");
}

#[test]
fn takes_over_the_authorizer_that_all_events_have() {
    let template = "\
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        One:
          Type: HttpApi
          Properties:
            Path: \"/one\"
            Method: get
            ApiId:
              Ref: Api
            Auth:
              Authorizer: Login
              AuthorizationScopes: [read]
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        Authorizers:
          Login:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: https://example.com, audience: [a]}
";
    let result = sync(template, &["one GET /one", "two GET /two"]);
    insta::assert_snapshot!(diff::plain("template.yaml", template, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -13,6 +13,19 @@
                 Auth:
                   Authorizer: Login
                   AuthorizationScopes: [read]
    +        Two:
    +          Type: HttpApi
    +          Properties:
    +            ApiId:
    +              Ref: Api
    +            Path: /two
    +            Method: get
    +            Auth:
    +              Authorizer: Login
    +              AuthorizationScopes: [read]
    +    Metadata:
    +      ScaffoldEvents:
    +        Two: GET /two
       Api:
         Type: AWS::Serverless::HttpApi
         Properties:
    ");
    let open = "        Open: {Type: HttpApi, Properties: {Path: /open, Method: get, ApiId: {Ref: Api}}}\n";
    let template = template.replace("  Api:\n    Type", &format!("{open}  Api:\n    Type"));
    let result = sync(&template, &["one GET /one", "two GET /two", "open GET /open"]);
    insta::assert_snapshot!(diff::plain("template.yaml", &template, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -14,6 +14,16 @@
                   Authorizer: Login
                   AuthorizationScopes: [read]
             Open: {Type: HttpApi, Properties: {Path: /open, Method: get, ApiId: {Ref: Api}}}
    +        Two:
    +          Type: HttpApi
    +          Properties:
    +            ApiId:
    +              Ref: Api
    +            Path: /two
    +            Method: get
    +    Metadata:
    +      ScaffoldEvents:
    +        Two: GET /two
       Api:
         Type: AWS::Serverless::HttpApi
         Properties:
    ");
    insta::assert_snapshot!(reports(&result), @r"
    warning: `GET /two` of `Orders` got no `Auth`, which other events of it have
    hint: add it by hand if these routes need it; it will be kept
    ");
}

#[test]
fn takes_over_lists_and_empty_values() {
    let template = "\
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        One:
          Type: Api
          Properties:
            Auth:
              InvokeRole:
              ResourcePolicy:
                AwsAccountWhitelist:
                - Ref: AWS::AccountId
                - !Ref Other
            Method: get
            Path: /one
";
    let result = sync(template, &["one GET /one", "two GET /two"]);
    assert_eq!(reports(&result), "");
    insta::assert_snapshot!(diff::plain("template.yaml", template, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -14,3 +14,15 @@
                     - !Ref Other
                 Method: get
                 Path: /one
    +        Two:
    +          Type: Api
    +          Properties:
    +            Path: /two
    +            Method: get
    +            Auth:
    +              InvokeRole: null
    +              ResourcePolicy:
    +                AwsAccountWhitelist: [{Ref: AWS::AccountId}, !Ref Other]
    +    Metadata:
    +      ScaffoldEvents:
    +        Two: GET /two
    ");
}

#[test]
fn leaves_routes_that_a_definition_decides() {
    let template = "\
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        One: {Type: Api, Properties: {Path: /one, Method: get, RestApiId: !Ref Api}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      DefinitionBody:
        swagger: '2.0'
        paths:
          /one:
            get:
              x-amazon-apigateway-integration:
                type: aws_proxy
                uri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Orders.Arn}/invocations
";
    let result = sync(template, &["one GET /one", "two GET /two"]);
    assert_eq!(result.text, template);
    insta::assert_snapshot!(reports(&result), @r"
    error: cannot edit the events of `Orders`: the definition of its API does not have `GET /two`
    hint: change them by hand: add `GET /two`
    ");
}

#[test]
fn routes_of_one_program_are_split_among_its_functions() {
    let template = "\
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties: {Handler: bootstrap}
  Slow:
    Type: AWS::Serverless::Function
    Properties: {Handler: report}
  Api:
    Type: AWS::Serverless::HttpApi
";
    let record = |name: &str, path: &str| {
        serde_json::from_value::<lambda_native::record::Record>(serde_json::json!({
            "runtime": "0.1.0", "name": name, "kind": "http", "input": null, "output": "()", "types": [],
            "routes": [{"method": "GET", "path": path}],
        }))
        .unwrap()
    };
    let records = [record("list", "/orders"), record("report", "/report")];
    let path = Path::new("template.yaml");
    let application = Application::parse(template, path).unwrap();
    let functions = application.functions.iter();
    let programs: Vec<_> =
        functions.map(|function| Program { function, records: &records, id: 0 }).collect();
    let result = run(template, &super::code::triggers(&programs), None);
    assert_eq!(reports(&result), "");
    insta::assert_snapshot!(diff::plain("template.yaml", template, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -1,9 +1,15 @@
     Resources:
       Orders:
         Type: AWS::Serverless::Function
    -    Properties: {Handler: bootstrap}
    +    Properties: {Handler: bootstrap, Events: {List: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /orders, Method: get}}}}
    +    Metadata:
    +      ScaffoldEvents:
    +        List: GET /orders
       Slow:
         Type: AWS::Serverless::Function
    -    Properties: {Handler: report}
    +    Properties: {Handler: report, Events: {Report: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /report, Method: get}}}}
    +    Metadata:
    +      ScaffoldEvents:
    +        Report: GET /report
       Api:
         Type: AWS::Serverless::HttpApi
    ");

    // Nothing says which function the routes are for.
    let template = template.replace("Handler: report", "Handler: bootstrap");
    let application = Application::parse(&template, path).unwrap();
    let functions = application.functions.iter();
    let programs: Vec<_> =
        functions.map(|function| Program { function, records: &records, id: 0 }).collect();
    let result = run(&template, &super::code::triggers(&programs), None);
    assert_eq!(result.text, template);
    insta::assert_snapshot!(reports(&result), @r"
    error: `GET /orders` and `GET /report` could be for `Orders` or for `Slow`, which run the same program
    hint: set `Handler` of each to the handler that it runs, or add the events by hand
    ");
}
