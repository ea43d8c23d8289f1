//! `scaffold deploy` and `scaffold doctor`: what they run, and what they say where something is missing.

#![cfg(unix)]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what a test does not expect ends it"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use lambda_native_tests::command::Run;
use lambda_native_tests::elf::{ARM64, Elf};
use lambda_native_tests::machine::Machine;
use serde_json::Value;

/// An AWS SAM that writes down what it is asked, and builds what is there.
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

const FOUND: &str = "\
.aws-sam/build/Hello: folder, 1 file, 1 kB
  size              1 kB
  architecture      x86_64
  linking           dynamic
  loader            /lib64/ld-linux-x86-64.so.2
  libraries         libgcc_s.so.1, libc.so.6
  glibc             2.34 (Lambda has 2.34)
  debug information none
";

#[test]
fn builds_inspects_and_deploys() {
    let machine = with_sam(&Elf::good());
    let said = format!(
        "running sam build\n{FOUND}ok: nothing in it keeps Lambda from running it\n\
         running sam deploy --config-env 'it is prod'\n"
    );
    let run = deploy(&machine, &["--", "--config-env", "it is prod"]);
    assert_eq!(run, Run::new(0, "", said));
    assert_eq!(machine.read("typed"), "sam build\nsam deploy --config-env it is prod\n");
}

#[test]
fn asks_for_everything_again() {
    let machine = with_sam(&Elf::good());
    assert_eq!(deploy(&machine, &["--guided"]).code, Some(0));
    assert_eq!(machine.read("typed"), "sam build\nsam deploy --guided\n");
}

#[test]
fn deploys_nothing_that_would_not_run() {
    let machine = with_sam(&Elf { machine: ARM64, ..Elf::without_libraries() });
    let run = deploy(&machine, &[]);
    let expected = "\
error: `bootstrap` is built for arm64, and `template.yaml` says x86_64
hint: build it with `scaffold build --arch x86_64`, or have the template say `Architectures: [arm64]`
error: nothing is deployed: what was built would not run
hint: `--allow CODE` deploys in spite of a problem; `--help` has the codes
";
    assert!(run.stderr.ends_with(expected), "{run:?}");
    assert_eq!(run.code, Some(1));
    assert_eq!(machine.read("typed"), "sam build\n");

    assert_eq!(deploy(&machine, &["--allow", "architecture"]).code, Some(0));
}

/// What only a deployment tells, SAM knows; what else is wrong with the template, it says.
#[test]
fn goes_by_the_architecture_as_sam_does() {
    let template = |architecture: &str| {
        format!(
            "Parameters:\n\
             \x20 Machine: {{Type: String, Default: arm64}}\n\
             \x20 Untold: {{Type: String}}\n\
             {}      Timeout: 901\n",
            TEMPLATE.replace("x86_64", architecture)
        )
    };
    let machine = with_sam(&Elf::good());
    machine.write("hello/template.yaml", &template("!Ref Machine"));
    let run = deploy(&machine, &[]);
    let expected = "\
error: `bootstrap` is built for x86_64, and `template.yaml` says arm64
hint: build it with `scaffold build --arch arm64`, or have the template say `Architectures: [x86_64]`
error: nothing is deployed: what was built would not run
hint: `--allow CODE` deploys in spite of a problem; `--help` has the codes
";
    assert!(run.stderr.ends_with(expected), "{run:?}");

    for architecture in ["!Ref Untold", "!Sub '${Untold}'", "x86_64"] {
        machine.write("hello/template.yaml", &template(architecture));
        assert_eq!(deploy(&machine, &[]).code, Some(0), "{architecture}");
    }
    let machine = with_sam(&Elf { machine: 243, ..Elf::without_libraries() });
    machine.write("hello/template.yaml", &template("!Ref Untold"));
    let run = deploy(&machine, &[]);
    let expected = "\nerror: `bootstrap` is built for riscv64, which Lambda does not have\n";
    assert!(run.stderr.contains(expected), "{run:?}");

    machine.write("hello/template.yaml", &template("arm"));
    let run = deploy(&machine, &[]);
    let expected = "\
/hello/template.yaml:8: `Architectures` of `Hello` is not `[x86_64]` or `[arm64]`
hint: `sam validate --lint` says more about the template
";
    assert!(run.stderr.starts_with("error: /") && run.stderr.ends_with(expected), "{run:?}");
}

#[test]
fn inspects_the_functions_of_nested_applications() {
    let machine = with_sam(&Elf { machine: ARM64, ..Elf::without_libraries() });
    machine.write(
        "hello/template.yaml",
        "Resources:\n\
         \x20 Shop:\n\
         \x20   Type: AWS::Serverless::Application\n\
         \x20   Properties: {Location: shop.yaml}\n",
    );
    machine.write("hello/shop.yaml", TEMPLATE);
    let run = deploy(&machine, &[]);
    assert!(run.stderr.contains(".aws-sam/build/Shop/Hello: folder, 1 file, "), "{run:?}");
    let expected = "error: `bootstrap` is built for arm64, and `template.yaml` says x86_64\n";
    assert!(run.stderr.contains(expected), "{run:?}");
    assert_eq!(machine.read("typed"), "sam build\n");
}

/// A container engine with an image that has a `bootstrap`, or none.
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
    let found = FOUND
        .replace(".aws-sam/build/Hello: folder, 1 file, 1 kB", "hello:latest: container image");
    let said = format!(
        "running sam build\n{found}ok: nothing in it keeps Lambda from running it\n\
         running sam deploy\n"
    );
    assert_eq!(deploy(&machine, &[]), Run::new(0, "", said));
    assert_eq!(machine.read("typed"), format!("{COPIED}sam deploy\n"));
}

#[test]
fn deploys_no_image_that_would_not_run() {
    let machine = with_image(&Elf { machine: ARM64, ..Elf::without_libraries() });
    let machine = machine.with("docker", DOCKER);
    let run = deploy(&machine, &[]);
    let expected = "\
error: `/var/runtime/bootstrap` is built for arm64, and `template.yaml` says x86_64
hint: build it with `scaffold build --arch x86_64`, or have the template say `Architectures: [arm64]`
error: nothing is deployed: what was built would not run
hint: `--allow CODE` deploys in spite of a problem; `--help` has the codes
";
    assert!(run.stderr.ends_with(expected), "{run:?}");
    assert_eq!((run.code, machine.read("typed")), (Some(1), COPIED.to_owned()));

    fs::remove_file(machine.path("made")).unwrap();
    let run = deploy(&machine, &[]);
    let expected = "\
hello:latest: container image
error: the image has no `/var/runtime/bootstrap`, which AWS's images start
hint: have the `Dockerfile` copy it: `COPY --from=build /artifact/bootstrap /var/runtime/bootstrap`
error: nothing is deployed: what was built would not run
hint: `--allow CODE` deploys in spite of a problem; `--help` has the codes
";
    assert!(run.stderr.ends_with(expected), "{run:?}");
    // An image may have another entry point.
    assert_eq!(deploy(&machine, &["--allow", "name"]).code, Some(0));
}

/// The engine has the one that SAM has built.
#[test]
fn inspects_an_image_whose_architecture_only_a_deployment_tells() {
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

/// Before SAM is started.
#[test]
fn an_image_needs_an_engine_and_all_sources() {
    let machine = with_image(&Elf::good());
    let said = "\
error: no container engine is ready: none of `docker`, `podman` and `finch` is on `PATH`
hint: install Docker, Podman or Finch
";
    assert_eq!(deploy(&machine, &[]), Run::new(1, "", said));

    let machine = machine.with("docker", DOCKER);
    machine.write("shared/Cargo.toml", "[package]\nname = \"shared\"\n");
    machine.write("shared/src/lib.rs", "");
    let manifest =
        machine.read("hello/Cargo.toml") + "[dependencies]\nshared.path = \"../shared\"\n";
    machine.write("hello/Cargo.toml", &manifest);
    let run = deploy(&machine, &[]);
    let expected = "\
/shared`
hint: move it into the project, as `scaffold new --runtime embedded` does
";
    assert!(run.stderr.starts_with("error: a container gets only `"), "{run:?}");
    assert!(run.stderr.ends_with(expected), "{run:?}");
    assert!(!machine.path("typed").exists());
}

#[test]
fn says_that_sam_failed() {
    let machine = with_sam(&Elf::good());
    machine.write("status", "3");
    let run = deploy(&machine, &[]);
    assert!(run.stderr.ends_with("error: `sam deploy` failed: exit status: 3\n"), "{run:?}");
    assert_eq!(run.code, Some(1));
}

#[test]
fn says_first_what_is_missing() {
    let machine = Machine::new();
    let run = deploy(&machine, &[]);
    assert!(run.stderr.starts_with("error: no `template.yaml` in `"), "{run:?}");

    machine.write("hello/template.yaml", TEMPLATE);
    let said = "\
error: AWS SAM's `sam` is not on `PATH`
hint: `pip install aws-sam-cli`, or https://docs.aws.amazon.com/serverless-application-model/latest/\
developerguide/install-sam-cli.html; or without it: `scaffold package` and `aws lambda \
update-function-code --function-name NAME --zip-file fileb://FILE`
";
    assert_eq!(deploy(&machine, &[]), Run::new(1, "", said));

    let machine = machine.with("sam", SAM);
    let said = "\
error: no AWS credentials are here
hint: `aws configure sso` or `aws configure`, or set `AWS_PROFILE` or `AWS_ACCESS_KEY_ID`
";
    assert_eq!(machine.scaffold(&["deploy"]).run(), Run::new(1, "", said));
    assert!(!machine.path("typed").exists());

    machine.write("home/.aws/credentials", "[default]\naws_access_key_id = AKIA\n");
    fs::write(machine.path("made"), Elf::good().bytes()).unwrap();
    assert!(machine.scaffold(&["deploy"]).run().stderr.starts_with("running sam build\n"));
}

/// A check of the doctor's: its status, what it found, and the mend.
fn check<'a>(report: &'a Value, name: &str) -> (&'a str, &'a str, Option<&'a str>) {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap();
    (check["status"].as_str().unwrap(), check["found"].as_str().unwrap(), check["hint"].as_str())
}

#[test]
fn the_doctor_finds_gaps_and_mends() {
    let machine = Machine::new();
    let run = machine.scaffold(&["doctor", "--json"]).run();
    assert_eq!((run.code, &*run.stderr), (Some(0), ""), "{run:?}");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["ready"], true);
    assert_eq!(check(&report, "rust").0, "ok");
    assert_eq!(check(&report, "native").0, "ok");
    let why = "none of `docker`, `podman` and `finch` is on `PATH`";
    let mend = Some("install Docker, Podman or Finch");
    assert_eq!(check(&report, "container"), ("gap", why, mend));
    let mend = Some("`pip install awscli`");
    assert_eq!(check(&report, "aws"), ("gap", "not on `PATH`", mend));
    assert_eq!(check(&report, "credentials").0, "gap");
    for check in report["checks"].as_array().unwrap() {
        let has_mend = check["hint"].as_str().is_some_and(|hint| !hint.is_empty());
        assert_eq!(check["status"] == "ok", !has_mend, "{check}");
    }

    let text = machine.scaffold(&["doctor"]).run().success();
    let sam = "\
gap     sam          not on `PATH`
        deploys, and runs functions in Lambda's container
        hint: `pip install aws-sam-cli`, or https://";
    assert!(text.contains(sam), "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("ready to build for "), "{text}");
}

#[test]
fn the_doctor_knows_the_project() {
    let machine = with_sam(&Elf::good());
    let run = machine.scaffold(&["doctor", "--json"]).run();
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["architecture"], "x86_64");
    assert_eq!(check(&report, "sam"), ("ok", "SAM CLI, version 1.170.0", None));
    assert_eq!(check(&report, "project").0, "ok");
}

/// A fault in it is a gap: all else is examined.
#[test]
fn the_doctor_reads_the_template_as_sam_does() {
    let machine = Machine::new();
    let path = dunce::canonicalize(machine.path("hello")).unwrap().join("template.yaml");
    let path = path.display();
    let examine = |template: &str| -> Value {
        machine.write("hello/template.yaml", template);
        let run = machine.scaffold(&["doctor", "--json"]).run();
        serde_json::from_str(&run.stdout).unwrap()
    };
    let function = |properties: &str| {
        format!("F: {{Type: AWS::Serverless::Function, Properties: {{{properties}}}}}")
    };
    let [x86_64, arm64] = ["x86_64", "!Ref Machine"].map(|it| format!("Architectures: [{it}]"));
    let default = "Parameters: {Machine: {Type: String, Default: arm64}}\nResources:\n";

    let report = examine(&format!("{default}  {}\n", function(&arm64)));
    assert_eq!(report["architecture"], "arm64");
    assert_eq!(check(&report, "project"), ("ok", &*format!("`{path}`, for arm64"), None));

    let report = examine(&format!(
        "{default}  A{}\n  B{}\n  C{}\n",
        function(&x86_64),
        function(&arm64),
        function(&x86_64)
    ));
    assert_eq!(report["architecture"], "x86_64");
    let found = format!("`{path}`, for x86_64 and arm64");
    assert_eq!(check(&report, "project"), ("ok", &*found, None));

    let lint = Some("`sam validate --lint` says more about the template");
    let report = examine(&format!("{default}  {}\n", function(&format!("{arm64}, Timeout: 901"))));
    assert_eq!(report["architecture"], "arm64");
    let found = format!("{path}:3: `Timeout` of `F` is `901`, not 1 to 900 seconds");
    assert_eq!(check(&report, "project"), ("gap", &*found, lint));

    let host = if cfg!(target_arch = "x86_64") { "x86_64" } else { "arm64" };
    let report = examine(&format!("{default}  {}\n", function("Architectures: [arm]")));
    assert_eq!((&report["architecture"], &report["ready"]), (&host.into(), &true.into()));
    let found = format!("{path}:3: `Architectures` of `F` is not `[x86_64]` or `[arm64]`");
    assert_eq!(check(&report, "project"), ("gap", &*found, lint));

    let untold = default.replace(", Default: arm64", "");
    let report = examine(&format!("{untold}  {}\n", function(&arm64)));
    let found = format!(
        "{path}:3: `Architectures` of `F` is `!Ref Machine`, which only a deployment tells"
    );
    let mend = "choose with `--arch x86_64` or `--arch arm64`, or give the parameter a `Default`";
    assert_eq!(check(&report, "project"), ("gap", &*found, Some(mend)));

    let report = examine("Resources: [\n");
    let found = check(&report, "project");
    assert!(found.1.starts_with(&format!("{path}:2: it is not YAML: ")), "{found:?}");
}

#[test]
fn the_doctor_says_that_nothing_can_be_built() {
    let machine = Machine::new().without("rustc").without("cargo");
    let run = machine.scaffold(&["doctor"]).run();
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stdout.starts_with("missing rust "), "{run:?}");
    assert!(run.stdout.contains("hint: install it: https://rustup.rs\n"), "{run:?}");
    assert!(run.stdout.lines().last().unwrap().starts_with("not ready to build for "), "{run:?}");
}
