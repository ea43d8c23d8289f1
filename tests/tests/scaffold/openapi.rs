//! `scaffold openapi`: the document of a project, and what keeps it from having one.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::SystemTime;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold, workspace};
use lambda_native_tests::project::{lock_target, share_target};
use serde_json::json;
use tempfile::TempDir;

const SHOP: &str = r#"
use lambda_native::http::{Created, Json};
use lambda_native::lambda_handler;
use serde::{Deserialize, Serialize};

/// An order.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct Order {
    /// What is ordered.
    item: String,
    #[serde(default)]
    count: u32,
}

/// Returns one order.
#[lambda_handler(named, get = "/orders/{id}")]
async fn get_order(id: u32) -> Option<Json<Order>> {
    (id > 0).then(|| Json(Order { item: "tea".to_owned(), count: id }))
}

/// Places an order.
///
/// It is not paid yet.
#[lambda_handler(named, post = "/orders")]
async fn place_order(#[body] order: Order) -> Created<Json<Order>> {
    Created::new(Json(order))
}

lambda_native::main!(get_order, place_order);
"#;

/// A package whose binary `bootstrap` has this source.
struct Package(TempDir);

impl Package {
    fn new(source: &str, manifest: &str) -> Self {
        let package = Self(tempfile::tempdir().unwrap());
        let runtime = workspace().join("runtime");
        let runtime = runtime.to_str().unwrap();
        package.write("src/main.rs", source);
        package.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"shop\"\nversion = \"1.2.0\"\nedition = \"2024\"\n\
                 description = \"Orders of a shop.\"\n\
                 [[bin]]\nname = \"bootstrap\"\npath = \"src/main.rs\"\n{manifest}\n\
                 [dependencies]\nlambda-native = {{ path = {runtime:?} }}\n\
                 schemars = {{ version = \"1\", optional = true }}\n\
                 serde = {{ version = \"1\", features = [\"derive\"] }}\n\
                 [features]\nopenapi = [\"dep:schemars\", \"lambda-native/openapi\"]\n\
                 [workspace]\n"
            ),
        );
        package
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, contents: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    fn openapi(&self, arguments: &[&str]) -> Run {
        let _alone = lock_target();
        // For cargo, a package of the same name in another folder is the same package.
        for source in fs::read_dir(self.path("src")).unwrap() {
            let source = File::open(source.unwrap().path()).unwrap();
            source.set_modified(SystemTime::now()).unwrap();
        }
        let arguments = ["openapi"].iter().chain(arguments);
        let mut scaffold = Scaffold::new(arguments).current_dir(self.0.path());
        share_target(scaffold.command()).env("CARGO_TERM_QUIET", "true");
        scaffold.run()
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole document")]
fn prints_the_routes_with_their_types_and_documentation() {
    let shop = Package::new(SHOP, "");
    assert_run!(shop.openapi(&["--format", "yaml"]), @r##"
    exit code: 0
    ----- stdout -----
    openapi: 3.0.1
    info:
      title: shop
      version: 1.2.0
      description: Orders of a shop.
    paths:
      /orders:
        post:
          operationId: place_order
          summary: Places an order.
          description: It is not paid yet.
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  $ref: "#/components/schemas/OrderInput"
          responses:
            "201":
              description: Created
              content:
                application/json:
                  schema:
                    $ref: "#/components/schemas/Order"
              headers:
                location:
                  description: The URL.
                  schema:
                    type: string
                    format: uri-reference
            "400":
              description: Bad Request
              content:
                application/problem+json:
                  schema:
                    $ref: "#/components/schemas/RequestProblem"
            "415":
              description: Unsupported Media Type
              content:
                application/problem+json:
                  schema:
                    $ref: "#/components/schemas/RequestProblem"
      "/orders/{id}":
        get:
          operationId: get_order
          summary: Returns one order.
          parameters:
            - name: id
              in: path
              required: true
              schema:
                type: integer
                format: uint32
                maximum: 4294967295
                minimum: 0
          responses:
            "200":
              description: OK
              content:
                application/json:
                  schema:
                    $ref: "#/components/schemas/Order"
            "400":
              description: Bad Request
              content:
                application/problem+json:
                  schema:
                    $ref: "#/components/schemas/RequestProblem"
            "404":
              description: Not Found
              content:
                application/problem+json:
                  schema:
                    $ref: "#/components/schemas/Problem"
    components:
      schemas:
        Order:
          description: An order.
          type: object
          required:
            - item
            - count
          properties:
            count:
              type: integer
              format: uint32
              default: 0
              maximum: 4294967295
              minimum: 0
            item:
              description: What is ordered.
              type: string
        OrderInput:
          description: An order.
          type: object
          required:
            - item
          properties:
            count:
              type: integer
              format: uint32
              default: 0
              maximum: 4294967295
              minimum: 0
            item:
              description: What is ordered.
              type: string
        Problem:
          description: "An error, in the form of RFC 9457."
          type: object
          required:
            - title
            - status
          properties:
            detail:
              description: An explanation of this occurrence.
              type: string
            status:
              description: The status of the response.
              type: integer
            title:
              description: A summary of the kind of problem.
              type: string
            type:
              description: "A URI that identifies the kind of problem; without it, the status does."
              type: string
        RequestProblem:
          description: "Everything that is wrong with the parameters of a request, in the form of RFC 9457."
          type: object
          required:
            - title
            - status
            - detail
            - errors
          properties:
            detail:
              description: A summary.
              type: string
            errors:
              type: array
              items:
                type: object
                required:
                  - in
                  - name
                  - reason
                properties:
                  in:
                    description: The place of the parameter.
                    type: string
                    enum:
                      - path
                      - query
                      - header
                      - cookie
                      - body
                  name:
                    description: "The name of the parameter, or the path of a member of the body."
                    type: string
                  reason:
                    description: Why it cannot be read.
                    type: string
            status:
              description: The status of the response.
              type: integer
            title:
              description: The reason phrase of the status.
              type: string
    "##);
}

#[test]
fn writes_a_file_and_tells_if_it_is_out_of_date() {
    let shop = Package::new(SHOP, "");
    assert_run!(shop.openapi(&["--output", "openapi.json", "--check"]), @"
    exit code: 1
    ----- stderr -----
    error: `openapi.json` does not exist
    hint: `scaffold openapi --output openapi.json` writes it
    ");
    assert_run!(shop.openapi(&["--output", "openapi.json"]), @"
    exit code: 0
    ----- stderr -----
    wrote openapi.json
    ");
    let written = fs::read_to_string(shop.path("openapi.json")).unwrap();
    assert_eq!(shop.openapi(&[]).success(), written);
    assert_run!(shop.openapi(&["--output", "openapi.json"]), @"
    exit code: 0
    ----- stderr -----
    openapi.json is up to date
    ");

    shop.write("openapi.json", &written.replace('\n', "\r\n"));
    assert_run!(shop.openapi(&["--output", "openapi.json", "--check"]), @"
    exit code: 0
    ----- stderr -----
    openapi.json is up to date
    ");
    shop.write("src/main.rs", &SHOP.replace("Places an order.", "Orders something."));
    assert_run!(shop.openapi(&["--output", "openapi.json", "--check"]), @r#"
    exit code: 1
    ----- stdout -----
    --- openapi.json
    +++ openapi.json
    @@ -9,7 +9,7 @@
         "/orders": {
           "post": {
             "operationId": "place_order",
    -        "summary": "Places an order.",
    +        "summary": "Orders something.",
             "description": "It is not paid yet.",
             "requestBody": {
               "required": true,
    ----- stderr -----
    error: `openapi.json` is out of date
    hint: `scaffold openapi --output openapi.json` writes it
    "#);
    assert_eq!(fs::read_dir(shop.0.path()).unwrap().count(), 4, "a temporary file is left");
}

#[test]
fn lists_types_without_a_schema() {
    let shop = Package::new(&SHOP.replace("derive(schemars::JsonSchema)", "doc = \"\""), "");
    let run = shop.openapi(&[]);
    assert_run!(Run { stdout: String::new(), ..run }, @r#"
    exit code: 0
    ----- stderr -----
    warning: any JSON is allowed, because these types have no schema: `Order` of `place_order` and `Order` of `get_order`
    hint: derive `schemars::JsonSchema` for them: `#[cfg_attr(feature = "openapi", derive(JsonSchema))]`
    "#);
}

#[test]
fn a_project_without_routes_has_no_document() {
    let hello = "#[lambda_native::lambda_handler]\nfn hello() {}";
    assert_run!(Package::new(hello, "").openapi(&[]), @r#"
    exit code: 1
    ----- stderr -----
    error: no handler in this project has a route
    hint: give a handler a route: `#[lambda_handler(get = "/orders/{id}")]`
    "#);
}

#[test]
fn a_build_without_debug_assertions_cannot_describe_itself() {
    let shop = Package::new(SHOP, "[profile.dev.package.shop]\ndebug-assertions = false");
    assert_run!(shop.openapi(&[]), @"
    exit code: 1
    ----- stderr -----
    error: this program is an AWS Lambda function: it gets its events from the Lambda Runtime API, whose address is missing (`AWS_LAMBDA_RUNTIME_API` is not set)
    hint: try it here with `scaffold invoke`, or deploy it to AWS Lambda as `bootstrap` on the `provided.al2023` runtime
    error: `shop` did not describe its routes
      caused by: EOF while parsing a value at line 1 column 0
    hint: only builds with debug assertions can: leave them on in the profile `dev` of `Cargo.toml`
    ");
}

#[test]
fn two_programs_become_one_document() {
    let admin = "
        /// Removes an order.
        #[lambda_native::lambda_handler(delete = \"/orders/{number}\")]
        fn get_order(number: u32) {
            let _ = number;
        }
    ";
    let shop = Package::new(SHOP, "[[bin]]\nname = \"admin\"\npath = \"src/admin.rs\"");
    shop.write("src/admin.rs", admin);
    let document: serde_json::Value = serde_json::from_str(&shop.openapi(&[]).success()).unwrap();
    let order = document["paths"]["/orders/{number}"].as_object().unwrap();
    let ids: Vec<_> = order.values().map(|operation| &operation["operationId"]).collect();
    assert_eq!(ids, ["get_order", "shop_get_order"]);
    assert_eq!(order["get"]["parameters"][0]["name"], "number");

    shop.write("src/admin.rs", &admin.replace("delete", "get"));
    assert_run!(shop.openapi(&[]), @"
    exit code: 1
    ----- stderr -----
    error: `admin` has the route `GET /orders/{number}`, and `shop` has `GET /orders/{id}`
    hint: remove one of them, or run the command in the folder of one package
    ");
}

#[test]
fn an_authorizer_is_a_security_scheme() {
    let shop = "
        use lambda_native::http::{Allow, Deny, NoContent};
        use lambda_native::lambda_handler;

        /// Knows the callers.
        #[lambda_handler(named, authorizer)]
        fn check(#[header] x_token: &str) -> Result<Allow, Deny> {
            if x_token == \"ada\" { Ok(Allow::new(\"ada\")) } else { Err(Deny::Unauthorized) }
        }

        #[lambda_handler(named, get = \"/me\", auth = check)]
        fn me() -> NoContent {
            NoContent
        }

        lambda_native::main!(check, me);
    ";
    let project = Package::new(shop, "[[bin]]\nname = \"admin\"\npath = \"src/admin.rs\"");
    let admin = shop.replace("/me", "/all").replace("fn me", "fn all").replace(", me)", ", all)");
    project.write("src/admin.rs", &admin);
    let document = project.openapi(&[]).success();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let schemes = json!({
        "check": {
            "type": "apiKey", "description": "Knows the callers.", "in": "header", "name": "x-token"
        }
    });
    assert_eq!(document["components"]["securitySchemes"], schemes);
    for path in ["/me", "/all"] {
        let operation = &document["paths"][path]["get"];
        assert_eq!(operation["security"], json!([{ "check": [] }]));
        let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(statuses, ["204", "401", "403"]);
    }

    project.write("src/admin.rs", &admin.replace("x_token", "x_key"));
    assert_run!(project.openapi(&[]), @r#"
    exit code: 1
    ----- stderr -----
    error: `shop` and another program have different authorizers named `check`
    hint: give one of them another name: `named = "…"`
    "#);
}
