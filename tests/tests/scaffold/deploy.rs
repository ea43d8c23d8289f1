//! `scaffold deploy` and `scaffold doctor`: the commands they run, and the prerequisites they check.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::Run;
use lambda_native_tests::elf::{ARM64, Elf, record, record_of_routes};
use lambda_native_tests::machine::Machine;
use lambda_native_tests::snapshot::normalise;
use serde_json::Value;

/// A stand-in for SAM that records its arguments, and builds by copying.
const SAM: &str = r#"
echo "sam $*" >> "$HERE/typed"
case "$1" in
    --version) echo "SAM CLI, version 1.170.0" ;;
    build)
        mkdir -p .aws-sam/build
        if [ -e image.yaml ]; then cp image.yaml .aws-sam/build/template.yaml; exit; fi
        made=.aws-sam/build/Hello
        if [ -e shop.yaml ]; then made=.aws-sam/build/Shop/Hello; fi
        mkdir -p $made && cp "$HERE/made" $made/bootstrap
        ;;
    deploy) exit "$(cat "$HERE/status" 2>/dev/null || echo 0)" ;;
esac
"#;

const TEMPLATE: &str = "\
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Architectures: [x86_64]
";

/// A machine with SAM, and a project that it builds.
fn with_sam(made: &Elf) -> Machine {
    let machine = Machine::new().with("sam", SAM);
    machine.write("hello/template.yaml", TEMPLATE);
    fs::write(machine.path("made"), made.bytes()).unwrap();
    fs::set_permissions(machine.path("made"), fs::Permissions::from_mode(0o755)).unwrap();
    machine
}

fn deploy(machine: &Machine, arguments: &[&str]) -> Run {
    let arguments = [&["deploy"], arguments].concat();
    machine.scaffold(&arguments).env("AWS_PROFILE", "hello").run()
}

#[test]
fn builds_inspects_and_deploys() {
    let machine = with_sam(&Elf::good());
    assert_run!(deploy(&machine, &["--", "--config-env", "it is prod"]), @"
    exit code: 0
    ----- stderr -----
    running sam build
    .aws-sam/build/Hello: folder, 1 file, 1.05 kB
      size              1.05 kB
      architecture      x86_64
      linking           dynamic
      loader            /lib64/ld-linux-x86-64.so.2
      libraries         libgcc_s.so.1, libc.so.6
      glibc             2.34 (Lambda has 2.34)
      debug information none
    ok: ready for Lambda
    running sam deploy --config-env 'it is prod'

    next:
      sam list stack-outputs --config-env 'it is prod'
      sam logs --tail --config-env 'it is prod'
      sam delete --config-env 'it is prod'
    ");
    assert_eq!(machine.read("typed"), "sam build\nsam deploy --config-env it is prod\n");
}

/// The commands at the end are for the stack that was deployed.
#[test]
fn ends_with_commands_for_the_stack() {
    let machine = with_sam(&Elf::good());
    let flags =
        ["--", "--stack-name=shop", "--capabilities", "CAPABILITY_IAM", "--region", "eu-west-1"];
    let run = deploy(&machine, &flags);
    let (_, next) = run.stderr.split_once("next:\n").unwrap();
    insta::assert_snapshot!(next, @"
    sam list stack-outputs --stack-name shop --region eu-west-1
    sam logs --tail --stack-name shop --region eu-west-1
    sam delete --stack-name shop --region eu-west-1
    ");
}

/// An AWS CLI that knows the outputs of the stack `shop`.
const AWS: &str = r#"
for last in "$@"; do :; done
echo "$*" | sed -E 's#--output json --cli-connect-timeout 10 ##; s#file://.*#FILE#' >> "$HERE/typed"
case "$(cat "${last#file://}")" in
*shop*) echo '{"Stacks": [{"Outputs": [
    {"OutputKey": "Queue", "OutputValue": "https://sqs.eu-west-1.amazonaws.com/1/orders"},
    {"OutputKey": "HelloUrl", "OutputValue": "https://abc.execute-api.eu-west-1.amazonaws.com/hello?name=Ada&x=1",
     "Description": "URL of the API"}]}]}' ;;
*)
    echo >&2
    echo "An error occurred (AccessDenied) when calling the DescribeStacks operation: User: arn:aws:iam::1:user/ada is not authorized to perform: cloudformation:DescribeStacks on resource: other" >&2
    exit 254 ;;
esac
"#;

#[test]
fn prints_the_outputs_of_the_stack() {
    let machine = with_sam(&Elf::good()).with("aws", AWS);
    machine.write(
        "hello/samconfig.yml",
        "default:\n  global: {parameters: {stack_name: shop, region: eu-west-1}}\n\
         prod:\n  deploy: {parameters: {stack_name: other, profile: it}}\n",
    );
    let end = |arguments: &[&str]| {
        let run = deploy(&machine, arguments);
        let (_, end) = run.stderr.split_once("running sam deploy").expect(&run.stderr);
        regex::Regex::new(r"(?m)^  \S*/scaffold ")
            .unwrap()
            .replace_all(end, "  scaffold ")
            .into_owned()
    };
    insta::assert_snapshot!(end(&[]), @"
    outputs of the stack `shop`:
      Queue     https://sqs.eu-west-1.amazonaws.com/1/orders
      HelloUrl  https://abc.execute-api.eu-west-1.amazonaws.com/hello?name=Ada&x=1  URL of the API

    next:
      curl 'https://abc.execute-api.eu-west-1.amazonaws.com/hello?name=Ada&x=1'
      scaffold invoke --remote Hello
      scaffold logs Hello --follow
      sam delete
    ");
    insta::assert_snapshot!(end(&["--", "--config-env", "prod"]), @"
     --config-env prod
    warning: cannot read the outputs of the stack `other`: An error occurred (AccessDenied) when calling the DescribeStacks operation: User: arn:aws:iam::1:user/ada is not authorized to perform: cloudformation:DescribeStacks on resource: other
    hint: your credentials need the permission `cloudformation:DescribeStacks`; `aws sts get-caller-identity` prints whose they are

    next:
      scaffold invoke --remote Hello --config-env prod
      scaffold logs Hello --follow --config-env prod
      sam delete --config-env prod
    ");
    insta::assert_snapshot!(machine.read("typed"), @"
    sam build
    sam deploy
    --region eu-west-1 cloudformation describe-stacks --cli-input-json FILE
    sam build
    sam deploy --config-env prod
    --profile it cloudformation describe-stacks --cli-input-json FILE
    ");
}

/// Functions with one program are described once.
#[test]
fn prints_equal_problems_once() {
    let machine = with_sam(&Elf { machine: ARM64, ..Elf::without_libraries() });
    let function = "{Type: AWS::Serverless::Function, Properties: {Architectures: [x86_64]}}";
    let functions = ["Hello", "Goodbye", "Other"].map(|name| format!("  {name}: {function}\n"));
    machine.write("hello/template.yaml", &format!("Resources:\n{}", functions.concat()));
    machine.write("hello/.aws-sam/build/Other/bootstrap", "#!/bin/sh\n");
    machine.write("hello/.aws-sam/build/Goodbye/bootstrap", "");
    let folder = machine.path("hello/.aws-sam/build/Goodbye");
    fs::copy(machine.path("made"), folder.join("bootstrap")).unwrap();
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    running sam build
    .aws-sam/build/Hello: folder, 1 file, 208 B
    .aws-sam/build/Goodbye: folder, 1 file, 208 B
      size              208 B
      architecture      arm64
      linking           static
      debug information none
    error: `bootstrap` is built for arm64, but `template.yaml` says x86_64
    hint: build it with `scaffold build --arch x86_64`, or set `Architectures: [arm64]` in the template
    .aws-sam/build/Other: folder, 1 file, 10 B
    error: `bootstrap` is not executable by Lambda (mode 644)
    hint: `chmod 755 bootstrap`
    error: `bootstrap` is not a Linux executable: it is a script
    hint: build it with `scaffold build`
    error: nothing was deployed, because the build has problems
    hint: pass `--allow CODE` to deploy anyway; see `scaffold deploy --help`
    ");
}

#[test]
fn does_not_deploy_a_program_without_the_handler_of_the_template() {
    let machine = with_sam(&Elf::good());
    let made = [Elf::good().bytes(), record("create"), record("remove")].concat();
    fs::write(machine.path("made"), made).unwrap();
    machine.write("hello/template.yaml", &format!("{TEMPLATE}      Handler: remov\n"));
    let run = deploy(&machine, &[]);
    assert_eq!(run.code, Some(1));
    let message = "error: `bootstrap` has no handler `remov`, which the template names for `Hello`\n\
                   hint: did you mean `remove`? set `Handler` in the template to `create` or `remove`, or mark \
                   a function `remov` with `#[lambda_handler(named)]` and list it in `main!`\n";
    assert!(run.stderr.contains(message), "{}", run.stderr);
    assert_eq!(machine.read("typed"), "sam build\n");
    assert_eq!(deploy(&machine, &["--allow", "handler"]).code, Some(0));
    assert_eq!(machine.read("typed"), "sam build\nsam build\nsam deploy\n");
}

#[test]
fn warns_about_a_template_that_differs_from_the_code() {
    let machine = with_sam(&Elf::good());
    let routes = ["GET /orders", "POST /orders", "GET /a", "GET /b", "GET /c", "GET /d"];
    let made = [Elf::good().bytes(), record_of_routes("orders", &routes)].concat();
    fs::write(machine.path("made"), made).unwrap();
    let run = deploy(&machine, &[]);
    assert_eq!(run.code, Some(0));
    let warning = "warning: `template.yaml` lacks routes of the code: `GET /a`, `GET /b`, `GET /c`, \
                   `GET /d`, `GET /orders` and 1 more\nhint: run `scaffold sync`\n";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    assert_eq!(machine.read("typed"), "sam build\nsam deploy\n");
}

#[test]
fn passes_guided_to_sam() {
    let machine = with_sam(&Elf::good());
    assert_eq!(deploy(&machine, &["--guided"]).code, Some(0));
    assert_eq!(machine.read("typed"), "sam build\nsam deploy --guided\n");
}

#[test]
fn deploys_nothing_that_lambda_cannot_run() {
    let machine = with_sam(&Elf { machine: ARM64, ..Elf::without_libraries() });
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    running sam build
    .aws-sam/build/Hello: folder, 1 file, 208 B
      size              208 B
      architecture      arm64
      linking           static
      debug information none
    error: `bootstrap` is built for arm64, but `template.yaml` says x86_64
    hint: build it with `scaffold build --arch x86_64`, or set `Architectures: [arm64]` in the template
    error: nothing was deployed, because the build has problems
    hint: pass `--allow CODE` to deploy anyway; see `scaffold deploy --help`
    ");
    assert_eq!(machine.read("typed"), "sam build\n");

    assert_eq!(deploy(&machine, &["--allow", "architecture"]).code, Some(0));
}

/// SAM resolves what only a deployment can tell, and reports other mistakes in the template.
#[test]
fn reads_the_architecture_as_sam_does() {
    let template = |architecture: &str| {
        let parameters = r"
Parameters:
  Machine: {Type: String, Default: arm64}
  Untold: {Type: String}
";
        let resources = TEMPLATE.replace("x86_64", architecture);
        format!("{parameters}{resources}      Timeout: 901\n")
    };
    let machine = with_sam(&Elf::good());
    machine.write("hello/template.yaml", &template("!Ref Machine"));
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    running sam build
    .aws-sam/build/Hello: folder, 1 file, 1.05 kB
      size              1.05 kB
      architecture      x86_64
      linking           dynamic
      loader            /lib64/ld-linux-x86-64.so.2
      libraries         libgcc_s.so.1, libc.so.6
      glibc             2.34 (Lambda has 2.34)
      debug information none
    error: `bootstrap` is built for x86_64, but `template.yaml` says arm64
    hint: build it with `scaffold build --arch arm64`, or set `Architectures: [x86_64]` in the template
    error: nothing was deployed, because the build has problems
    hint: pass `--allow CODE` to deploy anyway; see `scaffold deploy --help`
    ");

    for architecture in ["!Ref Untold", "!Sub '${Untold}'", "x86_64"] {
        machine.write("hello/template.yaml", &template(architecture));
        assert_eq!(deploy(&machine, &[]).code, Some(0), "{architecture}");
    }
    let machine = with_sam(&Elf { machine: 243, ..Elf::without_libraries() });
    machine.write("hello/template.yaml", &template("!Ref Untold"));
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    running sam build
    .aws-sam/build/Hello: folder, 1 file, 208 B
      size              208 B
      architecture      riscv64
      linking           static
      debug information none
    error: `bootstrap` is built for riscv64, which Lambda does not support
    hint: build it with `scaffold build`
    error: nothing was deployed, because the build has problems
    hint: pass `--allow CODE` to deploy anyway; see `scaffold deploy --help`
    ");

    machine.write("hello/template.yaml", &template("arm"));
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    error: [TEMP]/hello/template.yaml:9: `Architectures` of `Hello` must be `[x86_64]` or `[arm64]`
    hint: `sam validate --lint` checks the whole template
    ");
}

#[test]
fn inspects_the_functions_of_nested_applications() {
    let machine = with_sam(&Elf { machine: ARM64, ..Elf::without_libraries() });
    machine.write(
        "hello/template.yaml",
        r"
Resources:
  Shop:
    Type: AWS::Serverless::Application
    Properties: {Location: shop.yaml}
",
    );
    machine.write("hello/shop.yaml", TEMPLATE);
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    running sam build
    .aws-sam/build/Shop/Hello: folder, 1 file, 208 B
      size              208 B
      architecture      arm64
      linking           static
      debug information none
    error: `bootstrap` is built for arm64, but `template.yaml` says x86_64
    hint: build it with `scaffold build --arch x86_64`, or set `Architectures: [arm64]` in the template
    error: nothing was deployed, because the build has problems
    hint: pass `--allow CODE` to deploy anyway; see `scaffold deploy --help`
    ");
    assert_eq!(machine.read("typed"), "sam build\n");
}

/// A container engine with an image that contains a `bootstrap` if there is a file `made`.
const DOCKER: &str = r#"
echo "docker $*" | sed "s# /[^ ]*/# …/#" >> "$HERE/typed"
case "$1" in
    version) echo "amd64 20.10.24 20.10.24" ;;
    create) echo 8a1f ;;
    cp)
        if [ ! -e "$HERE/made" ]; then echo "Error: No such container:path: $2" >&2; exit 1; fi
        cp "$HERE/made" "$3"
        ;;
esac
"#;

/// A machine with SAM and a project that is a container image.
fn with_image(made: &Elf) -> Machine {
    let machine = with_sam(made);
    let image = format!("{TEMPLATE}      PackageType: Image\n");
    machine.write("hello/template.yaml", &image);
    machine.write("hello/image.yaml", &format!("{image}      ImageUri: hello:latest\n"));
    machine
}

const COPIED: &str = "\
docker version --format {{.Server.Arch}} {{.Server.Version}} {{.Client.Version}}
sam build
docker create --pull=never --platform=linux/amd64 hello:latest
docker cp 8a1f:/var/runtime/bootstrap …/bootstrap
docker rm 8a1f
";

#[test]
fn inspects_an_image_and_deploys_it() {
    let machine = with_image(&Elf::good()).with("docker", DOCKER);
    assert_run!(deploy(&machine, &[]), @"
    exit code: 0
    ----- stderr -----
    running sam build
    hello:latest: container image
      size              1.05 kB
      architecture      x86_64
      linking           dynamic
      loader            /lib64/ld-linux-x86-64.so.2
      libraries         libgcc_s.so.1, libc.so.6
      glibc             2.34 (Lambda has 2.34)
      debug information none
    ok: ready for Lambda
    running sam deploy

    next:
      sam list stack-outputs
      sam logs --tail
      sam delete
    ");
    assert_eq!(machine.read("typed"), format!("{COPIED}sam deploy\n"));
}

#[test]
fn deploys_no_image_that_lambda_cannot_run() {
    let machine = with_image(&Elf { machine: ARM64, ..Elf::without_libraries() });
    let machine = machine.with("docker", DOCKER);
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    running sam build
    hello:latest: container image
      size              208 B
      architecture      arm64
      linking           static
      debug information none
    error: `/var/runtime/bootstrap` is built for arm64, but `template.yaml` says x86_64
    hint: build it with `scaffold build --arch x86_64`, or set `Architectures: [arm64]` in the template
    error: nothing was deployed, because the build has problems
    hint: pass `--allow CODE` to deploy anyway; see `scaffold deploy --help`
    ");
    assert_eq!(machine.read("typed"), COPIED);

    fs::remove_file(machine.path("made")).unwrap();
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    running sam build
    hello:latest: container image
    error: the image has no `/var/runtime/bootstrap`, which AWS's base images start
    hint: copy it in the `Dockerfile`: `COPY --from=build /artifact/bootstrap /var/runtime/bootstrap`
    error: nothing was deployed, because the build has problems
    hint: pass `--allow CODE` to deploy anyway; see `scaffold deploy --help`
    ");
    // An image can have another entry point.
    assert_eq!(deploy(&machine, &["--allow", "name"]).code, Some(0));
}

/// The engine only has the image that SAM has built.
#[test]
fn inspects_an_image_whose_architecture_is_a_parameter_without_default() {
    let machine = with_image(&Elf::good()).with("docker", DOCKER);
    for file in ["hello/template.yaml", "hello/image.yaml"] {
        machine.write(file, &machine.read(file).replace("x86_64", "!Ref Machine"));
        let parameters = "Parameters: {Machine: {Type: String}}\n";
        machine.write(file, &format!("{parameters}{}", machine.read(file)));
    }
    assert_eq!(deploy(&machine, &[]).code, Some(0));
    let copied = COPIED.replace(" --platform=linux/amd64", "");
    assert_eq!(machine.read("typed"), format!("{copied}sam deploy\n"));
}

/// Both are checked before SAM starts.
#[test]
fn an_image_needs_an_engine_and_all_sources() {
    let machine = with_image(&Elf::good());
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    error: no container engine is ready: none of `docker`, `podman` and `finch` is on `PATH`
    hint: install Docker, Podman or Finch
    ");

    let machine = machine.with("docker", DOCKER);
    machine.write("shared/Cargo.toml", "[package]\nname = \"shared\"\n");
    machine.write("shared/src/lib.rs", "");
    let manifest =
        machine.read("hello/Cargo.toml") + "[dependencies]\nshared.path = \"../shared\"\n";
    machine.write("hello/Cargo.toml", &manifest);
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    error: a container gets only `[TEMP]/hello`, but the crate `shared` is in `[TEMP]/shared`
    hint: move it into the project, as `scaffold new --runtime embedded` does
    ");
    assert!(!machine.path("typed").exists());
}

#[test]
fn fails_if_sam_fails() {
    let machine = with_sam(&Elf::good());
    machine.write("status", "3");
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    running sam build
    .aws-sam/build/Hello: folder, 1 file, 1.05 kB
      size              1.05 kB
      architecture      x86_64
      linking           dynamic
      loader            /lib64/ld-linux-x86-64.so.2
      libraries         libgcc_s.so.1, libc.so.6
      glibc             2.34 (Lambda has 2.34)
      debug information none
    ok: ready for Lambda
    running sam deploy
    error: `sam deploy` failed: exit status: 3
    ");
}

#[test]
fn checks_its_prerequisites_first() {
    let machine = Machine::new();
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    error: no `template.yaml` in `[TEMP]/hello` or a folder above it
    hint: run the command in a project, or run `scaffold package` and upload the zip
    ");

    machine.write("hello/template.yaml", TEMPLATE);
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    error: `sam`, the AWS SAM CLI, is not on `PATH`
    hint: run `pip install aws-sam-cli`, or see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html; or deploy without SAM: `scaffold deploy --direct`
    ");

    let machine = machine.with("sam", SAM);
    fs::write(machine.path("made"), Elf::good().bytes()).unwrap();
    // SAM can find credentials where this program does not look.
    let run = machine.scaffold(&["deploy"]).run();
    let (before, _) = run.stderr.split_once("running ").unwrap();
    insta::assert_snapshot!(before, @"
    warning: no AWS credentials found
    hint: run `aws configure sso` or `aws configure`, or set `AWS_PROFILE` or `AWS_ACCESS_KEY_ID`
    ");

    machine.write("home/.aws/credentials", "[default]\naws_access_key_id = AKIA\n");
    assert!(machine.scaffold(&["deploy"]).run().stderr.starts_with("running sam build\n"));
}

const HOST: &str = if cfg!(target_arch = "x86_64") { "x86_64" } else { "arm64" };

/// `scaffold doctor`, without the processor, compiler and C library of this machine.
fn doctor(machine: &Machine, arguments: &[&str]) -> Run {
    let run = machine.scaffold(&[&["doctor"], arguments].concat()).run();
    run.replace(r"\b1\.[0-9]+\.[0-9]+\b", "[VERSION]")
        .replace(r"glibc 2\.[0-9]+ ", "glibc [VERSION] ")
        .replace(&format!("{}-[a-z-]*", std::env::consts::ARCH), "[TARGET]")
        .replace(HOST, "[HOST]")
}

/// The architecture that the doctor takes from this template, and one of its checks.
fn examine(machine: &Machine, template: &str, check: &str) -> (String, String) {
    machine.write("hello/template.yaml", template);
    let report = machine.scaffold(&["doctor", "--json"]).run();
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|it| it["name"] == check).unwrap();
    let architecture = report["architecture"].as_str().unwrap().to_owned();
    (architecture, normalise(&format!("{check:#}")))
}

#[test]
fn the_doctor_tells_what_is_missing_from_what_is_optional() {
    assert_run!(doctor(&Machine::new(), &[]), @"
    exit code: 0
    ----- stdout -----
    To build: rust with native or zig, or a container
      ok       rust         [VERSION]
      ok       native       Rust and its target `[TARGET]`
      optional zig          `cargo-zigbuild` is not on `PATH`
               builds without a container
               hint: run `pip install cargo-zigbuild ziglang`
      optional container    none of `docker`, `podman` and `finch` is on `PATH`
               builds on Amazon Linux 2023
               hint: install Docker, Podman or Finch

    To deploy
      missing  project      no `template.yaml` in this folder or above it
               describes the functions
               hint: `scaffold new` creates a project
      missing  sam          not on `PATH`
               deploys the project
               hint: run `pip install aws-sam-cli`, or see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html
      missing  credentials  no AWS credentials found
               give access to AWS
               hint: run `aws configure sso` or `aws configure`, or set `AWS_PROFILE` or `AWS_ACCESS_KEY_ID`

    Optional
      optional aws          not on `PATH`
               calls AWS
               hint: run `pip install awscli`
      optional cargo-lambda not on `PATH`
               another tool to build and deploy
               hint: run `pip install cargo-lambda`

    ready to build for [HOST]
    not ready to deploy: see the hints
    ");
}

#[test]
fn the_doctor_prints_json() {
    assert_run!(doctor(&Machine::new(), &["--json"]), @r#"
    exit code: 0
    ----- stdout -----
    {
      "ready": true,
      "ready_to_deploy": false,
      "architecture": "[HOST]",
      "checks": [
        {
          "name": "rust",
          "need": "build",
          "purpose": "compiles functions and their tests",
          "status": "ok",
          "found": "[VERSION]"
        },
        {
          "name": "native",
          "need": "build",
          "purpose": "builds with cargo alone",
          "status": "ok",
          "found": "Rust and its target `[TARGET]`"
        },
        {
          "name": "zig",
          "need": "build",
          "purpose": "builds without a container",
          "status": "optional",
          "found": "`cargo-zigbuild` is not on `PATH`",
          "hint": "run `pip install cargo-zigbuild ziglang`"
        },
        {
          "name": "container",
          "need": "build",
          "purpose": "builds on Amazon Linux 2023",
          "status": "optional",
          "found": "none of `docker`, `podman` and `finch` is on `PATH`",
          "hint": "install Docker, Podman or Finch"
        },
        {
          "name": "project",
          "need": "deploy",
          "purpose": "describes the functions",
          "status": "missing",
          "found": "no `template.yaml` in this folder or above it",
          "hint": "`scaffold new` creates a project"
        },
        {
          "name": "sam",
          "need": "deploy",
          "purpose": "deploys the project",
          "status": "missing",
          "found": "not on `PATH`",
          "hint": "run `pip install aws-sam-cli`, or see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html"
        },
        {
          "name": "credentials",
          "need": "deploy",
          "purpose": "give access to AWS",
          "status": "missing",
          "found": "no AWS credentials found",
          "hint": "run `aws configure sso` or `aws configure`, or set `AWS_PROFILE` or `AWS_ACCESS_KEY_ID`"
        },
        {
          "name": "aws",
          "need": "optional",
          "purpose": "calls AWS",
          "status": "optional",
          "found": "not on `PATH`",
          "hint": "run `pip install awscli`"
        },
        {
          "name": "cargo-lambda",
          "need": "optional",
          "purpose": "another tool to build and deploy",
          "status": "optional",
          "found": "not on `PATH`",
          "hint": "run `pip install cargo-lambda`"
        }
      ]
    }
    "#);
}

#[test]
fn the_doctor_knows_the_project() {
    let machine = with_sam(&Elf::good());
    let (architecture, check) = examine(&machine, TEMPLATE, "project");
    assert_eq!(architecture, "x86_64");
    insta::assert_snapshot!(check, @r#"
    {
      "found": "`[TEMP]/hello/template.yaml`, for x86_64",
      "name": "project",
      "need": "deploy",
      "purpose": "describes the functions",
      "status": "ok"
    }
    "#);
    let (_, check) = examine(&machine, TEMPLATE, "sam");
    insta::assert_snapshot!(check, @r#"
    {
      "found": "SAM CLI, version 1.170.0",
      "name": "sam",
      "need": "deploy",
      "purpose": "deploys the project",
      "status": "ok"
    }
    "#);
}

#[test]
fn the_doctor_reads_the_template_as_sam_does() {
    let function = |properties: &str| {
        format!("F: {{Type: AWS::Serverless::Function, Properties: {{{properties}}}}}\n")
    };
    let [x86_64, arm64, arm] =
        ["x86_64", "!Ref Machine", "arm"].map(|it| format!("Architectures: [{it}]"));
    let parameter = "Parameters: {Machine: {Type: String}}\nResources:\n  ";
    let default = parameter.replace("String", "String, Default: arm64");
    let machine = Machine::new();

    let (architecture, check) =
        examine(&machine, &format!("{default}{}", function(&arm64)), "project");
    assert_eq!(architecture, "arm64");
    insta::assert_snapshot!(check, @r#"
    {
      "found": "`[TEMP]/hello/template.yaml`, for arm64",
      "name": "project",
      "need": "deploy",
      "purpose": "describes the functions",
      "status": "ok"
    }
    "#);

    let several = [&x86_64, &arm64, &x86_64].map(|it| function(it));
    let several = format!("{default}A{}  B{}  C{}", several[0], several[1], several[2]);
    let (architecture, check) = examine(&machine, &several, "project");
    assert_eq!(architecture, "x86_64");
    insta::assert_snapshot!(check, @r#"
    {
      "found": "`[TEMP]/hello/template.yaml`, for x86_64 and arm64",
      "name": "project",
      "need": "deploy",
      "purpose": "describes the functions",
      "status": "ok"
    }
    "#);

    let mistake = format!("{default}{}", function(&format!("{arm64}, Timeout: 901")));
    let (architecture, check) = examine(&machine, &mistake, "project");
    assert_eq!(architecture, "arm64");
    insta::assert_snapshot!(check, @r#"
    {
      "found": "[TEMP]/hello/template.yaml:3: `Timeout` of `F` is `901`; expected 1 to 900 seconds",
      "hint": "`sam validate --lint` checks the whole template",
      "name": "project",
      "need": "deploy",
      "purpose": "describes the functions",
      "status": "missing"
    }
    "#);

    let (architecture, check) =
        examine(&machine, &format!("{default}{}", function(&arm)), "project");
    assert_eq!(architecture, HOST);
    insta::assert_snapshot!(check, @r#"
    {
      "found": "[TEMP]/hello/template.yaml:3: `Architectures` of `F` must be `[x86_64]` or `[arm64]`",
      "hint": "`sam validate --lint` checks the whole template",
      "name": "project",
      "need": "deploy",
      "purpose": "describes the functions",
      "status": "missing"
    }
    "#);

    let (architecture, check) =
        examine(&machine, &format!("{parameter}{}", function(&arm64)), "project");
    assert_eq!(architecture, HOST);
    insta::assert_snapshot!(check, @r#"
    {
      "found": "[TEMP]/hello/template.yaml:3: `Architectures` of `F` is `!Ref Machine`, which is known only after deployment",
      "hint": "pass `--arch x86_64` or `--arch arm64`, or give the parameter a `Default`",
      "name": "project",
      "need": "deploy",
      "purpose": "describes the functions",
      "status": "missing"
    }
    "#);

    let (architecture, check) = examine(&machine, "Resources: [\n", "project");
    assert_eq!(architecture, HOST);
    insta::assert_snapshot!(check, @r#"
    {
      "found": "[TEMP]/hello/template.yaml:1: invalid YAML: unclosed bracket '['",
      "hint": "`sam validate --lint` checks the whole template",
      "name": "project",
      "need": "deploy",
      "purpose": "describes the functions",
      "status": "missing"
    }
    "#);
}

#[test]
fn the_doctor_knows_the_cpu_jitter_entropy_of_aws_lc() {
    let machine = Machine::new();
    let found = |version: &str| {
        let package =
            |name: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        machine.write("hello/Cargo.lock", &(package("hello") + &package("aws-lc-sys")));
        let report = machine.scaffold(&["doctor"]).run().stdout;
        let lines = report.lines().skip_while(|line| !line.contains(" aws-lc "));
        format!("{}\n", lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
    };
    let reports = ["0.31.0", "0.32.1", "0.47.0"].map(&found).concat();
    machine.write("hello/.cargo/config.toml", "[env]\nAWS_LC_SYS_NO_JITTER_ENTROPY = \"1\"\n");
    let switched_off = ["0.32.1", "0.32.3", "0.47.0"].map(&found).concat();
    let setting = "[env]\nAWS_LC_SYS_NO_JITTER_ENTROPY = { value = \"0\", force = true }\n";
    machine.write("hello/.cargo/config.toml", setting);
    let switched_on = found("0.47.0");
    insta::assert_snapshot!(format!("{reports}\n{switched_off}\n{switched_on}"), @r#"
    ok       aws-lc       aws-lc-sys 0.31.0 without CPU jitter entropy
    optional aws-lc       aws-lc-sys 0.32.1 gathers CPU jitter entropy, which delays cold starts by up to 1 s
             encrypts connections
             hint: set `AWS_LC_SYS_NO_JITTER_ENTROPY = "1"` under `[env]` in `.cargo/config.toml` and build again, with `aws-lc-sys` 0.32.3 or newer
    optional aws-lc       aws-lc-sys 0.47.0 gathers CPU jitter entropy, which delays cold starts by up to 1 s
             encrypts connections
             hint: set `AWS_LC_SYS_NO_JITTER_ENTROPY = "1"` under `[env]` in `.cargo/config.toml` and build again, with `aws-lc-sys` 0.32.3 or newer

    optional aws-lc       aws-lc-sys 0.32.1 gathers CPU jitter entropy, which delays cold starts by up to 1 s
             encrypts connections
             hint: set `AWS_LC_SYS_NO_JITTER_ENTROPY = "1"` under `[env]` in `.cargo/config.toml` and build again, with `aws-lc-sys` 0.32.3 or newer
    ok       aws-lc       aws-lc-sys 0.32.3 without CPU jitter entropy
    ok       aws-lc       aws-lc-sys 0.47.0 without CPU jitter entropy

    optional aws-lc       aws-lc-sys 0.47.0 gathers CPU jitter entropy, which delays cold starts by up to 1 s
             encrypts connections
             hint: set `AWS_LC_SYS_NO_JITTER_ENTROPY = "1"` under `[env]` in `.cargo/config.toml` and build again, with `aws-lc-sys` 0.32.3 or newer
    "#);
    machine.write("hello/Cargo.lock", "version = 4\n");
    assert!(!machine.scaffold(&["doctor"]).run().stdout.contains("aws-lc"));
}

#[test]
fn the_doctor_fails_if_nothing_can_be_built() {
    let machine = Machine::new().without("rustc").without("cargo");
    assert_run!(doctor(&machine, &[]), @"
    exit code: 1
    ----- stdout -----
    To build: rust with native or zig, or a container
      missing  rust         `rustc` does not start: No such file or directory (os error 2)
               compiles functions and their tests
               hint: install Rust (https://rustup.rs) or put it on `PATH`, or build in a container: `--container`
      missing  native       `rustc` does not start: No such file or directory (os error 2)
               builds with cargo alone
               hint: install Rust (https://rustup.rs) or put it on `PATH`, or build in a container: `--container`
      missing  zig          `cargo-zigbuild` is not on `PATH`
               builds without a container
               hint: run `pip install cargo-zigbuild ziglang`
      missing  container    none of `docker`, `podman` and `finch` is on `PATH`
               builds on Amazon Linux 2023
               hint: install Docker, Podman or Finch

    To deploy
      missing  project      no `template.yaml` in this folder or above it
               describes the functions
               hint: `scaffold new` creates a project
      missing  sam          not on `PATH`
               deploys the project
               hint: run `pip install aws-sam-cli`, or see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html
      missing  credentials  no AWS credentials found
               give access to AWS
               hint: run `aws configure sso` or `aws configure`, or set `AWS_PROFILE` or `AWS_ACCESS_KEY_ID`

    Optional
      optional aws          not on `PATH`
               calls AWS
               hint: run `pip install awscli`
      optional cargo-lambda not on `PATH`
               another tool to build and deploy
               hint: run `pip install cargo-lambda`

    not ready to build for [HOST]: see the hints
    not ready to deploy: see the hints
    ");
}
