//! YAML as SAM reads it, with the limits that protect against hostile templates.

use super::*;

/// The environment of a function whose `Variables` are these lines.
fn variables(lines: &str) -> Vec<(String, String)> {
    let lines = lines.replace('\n', "\n          ");
    let properties = format!("Environment:\n        Variables:\n          {lines}");
    read(&function(&properties)).functions.remove(0).environment.into_iter().collect()
}

#[test]
fn plain_scalars_are_read_as_yaml_1_1() {
    for (written, expected) in [
        ("yes", "true"),
        ("Off", "false"),
        ("y", "y"),
        ("07", "7"),
        ("012345678901", "012345678901"),
        ("0x10", "16"),
        ("-0b11", "-3"),
        ("1_000", "1000"),
        ("1:30", "90"),
        ("256.0", "256.0"),
        ("1.10", "1.1"),
        ("1.5e+3", "1500.0"),
        ("1e3", "1e3"),
        ("+7", "7"),
        ("-0", "0"),
        ("2012-10-17", "2012-10-17"),
        ("~", ""),
        ("'yes'", "yes"),
        ("\"07\"", "07"),
        ("!!str 07", "07"),
        ("!!int 07", "7"),
        ("!Sub 07", "07"),
        (
            "999999999999999999999999999999999999999999",
            "999999999999999999999999999999999999999999",
        ),
    ] {
        let found = variables(&format!("NAME: {written}"));
        assert_eq!(found, [("NAME".to_owned(), expected.to_owned())], "{written}");
    }
}

#[test]
fn memory_can_be_a_number_of_any_form() {
    for written in ["256", "256.0", "0x100", "0400", "'256'"] {
        let application = read(&function(&format!("MemorySize: {written}")));
        application.check().unwrap();
        assert_eq!(application.functions[0].memory_mb, 256, "{written}");
    }
}

#[test]
fn the_last_of_equal_keys_counts() {
    let application = read(
        r"
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Architectures: [x86_64]
      Handler: first
      Architectures: [arm64]
  Hello:
    Type: AWS::Serverless::Function
    Properties: {Architectures: [x86_64], Handler: second, Architectures: [arm64]}
",
    );
    assert_snapshot!(describe(&application), @"Hello: /project/., arm64, 3 s, 128 MB, Handler: second");
}

#[test]
fn brackets_can_stand_in_the_column_of_their_key() {
    let application = read(
        "Resources:\n  Hello:\n    Type: AWS::Serverless::Function\n    Properties:\n      Architectures: [\n\
         \x20       arm64\n      ]\n      Environment: {\n        Variables: {A: b}\n      }\n",
    );
    assert_snapshot!(describe(&application), @r"
    Hello: /project/., arm64, 3 s, 128 MB
      A=b
    ");
}

#[test]
fn merge_keys_add_the_entries_that_a_map_does_not_have() {
    let application = read(
        r"
Defaults: &defaults {Timeout: 10, MemorySize: 256, Handler: default}
Small: &small {MemorySize: 512}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: hello
      <<: *defaults
  Other:
    Type: AWS::Serverless::Function
    Properties:
      <<: [*small, *defaults]
      '<<': a text
",
    );
    assert_snapshot!(describe(&application), @r"
    Hello: /project/., x86_64, 10 s, 256 MB, Handler: hello
    Other: /project/., x86_64, 10 s, 512 MB, Handler: default
    ");
    assert_errors([
        ("A:\n  <<: text", "2: expected a map, or a list of maps, after `<<`"),
        ("A: &a\n  - *a", "2: this alias stands inside its own anchor"),
    ]);
}

#[test]
fn deep_nesting_is_an_error() {
    let line = |error: Error| error.to_string();
    for text in ["- ", "[", "{a: ", "? ", "!Sub ["] {
        let message = line(error(&text.repeat(20_000)));
        assert!(message.starts_with("template.yaml:"), "{text}: {message}");
    }
    assert_errors([
        ("- ".repeat(200), "1: more than 100 values are nested in each other"),
        (
            format!("A: &a\n{}", deep_alias(200)),
            "53: more than 100 values are nested in each other",
        ),
    ]);
}

/// Values that are nested two deep each, with an alias to the one before.
fn deep_alias(count: usize) -> String {
    let line = |index| format!("A{index}: &a{index} [[*a{}]]\n", index - 1);
    let lines: String = (1..count).map(line).collect();
    format!("  - x\nA0: &a0 [x]\n{lines}")
}

#[test]
fn values_that_multiply_are_an_error() {
    let limit = "the template takes more than 32 MB";
    // Each list has ten times the one before.
    let aliases: Vec<_> = (1..9)
        .map(|index| format!("L{index}: &l{index} [{}]\n", format!("*l{},", index - 1).repeat(10)))
        .collect();
    // Each text is twice the one before.
    let mut text = "'0123456789'".to_owned();
    for _ in 0..25 {
        text = format!("!Sub ['${{A}}${{A}}', {{A: {text}}}]");
    }
    // Each condition evaluates the one before ten times.
    let conditions: Vec<_> = (1..10)
        .map(|index| {
            let before = format!("{{Condition: C{}}},", index - 1).repeat(10);
            format!("  C{index}: {{Fn::And: [{before}]}}\n")
        })
        .collect();
    let conditional = format!(
        "Conditions:\n  C0: {{Fn::Equals: [a, a]}}\n{}Resources:\n  \
         F: {{Type: AWS::Serverless::Function, Condition: C9}}\n",
        conditions.concat()
    );
    let parameter = format!("Parameters:\n  P: {{Default: {}}}\n", "x".repeat(100_000));
    let references =
        format!("{parameter}{}", function(&format!("Tags: [{}]", "!Ref P,".repeat(1_000))));
    for (template, line) in [
        (format!("L0: &l0 [x]\n{}", aliases.concat()), 7),
        (function(&format!("Handler: {text}")), 5),
        (conditional, 2),
        (references, 7),
    ] {
        let found = error(&template).to_string();
        assert_eq!(found, format!("template.yaml:{line}: {limit}"));
    }
}

#[test]
fn applications_that_nest_each_other_twice_are_an_error() {
    let nested = |file: &str| {
        format!("{{Type: AWS::Serverless::Application, Properties: {{Location: {file}}}}}")
    };
    let files: Vec<_> = (0..18)
        .map(|index| {
            let next = nested(&format!("{}.yaml", index + 1));
            (format!("{index}.yaml"), format!("Resources:\n  A: {next}\n  B: {next}\n"))
        })
        .chain([("18.yaml".to_owned(), "Resources: {}\n".to_owned())])
        .collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (folder, application) = read_files(&files);
    let message = without_folder(&application.unwrap_err().to_string(), &folder);
    assert!(message.ends_with("is one nested application too many"), "{message}");
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_read() {
    let (folder, application) = read_files(&[(
        "template.yaml",
        "Resources:\n  Nested:\n    Type: AWS::Serverless::Application\n    Properties: {Location: /dev/zero}\n",
    )]);
    assert_snapshot!(lines(&application.unwrap().diagnostics.warnings, &folder), @"template.yaml:4: skipping nested application `Nested`: cannot read its template `/dev/zero`: it is not a regular file");
    let error = Application::read(Path::new("/dev/zero")).unwrap_err();
    assert_snapshot!(error, @"cannot read `/dev/zero`");
}

#[test]
fn large_files_are_not_read() {
    let text = "#".repeat(8 << 20) + "\n";
    let error = read_files(&[("template.yaml", &text)]).1.unwrap_err();
    assert!(format!("{error:?}").contains("it is larger than 8 MB"), "{error:?}");
}

#[test]
fn a_template_above_the_project_is_not_its_own() {
    const TEMPLATE: &str = "Resources: {F: {Type: AWS::Serverless::Function}}\n";
    let found = |files: &[(&str, &str)]| {
        let (folder, _) = read_files(files);
        let nearest = Application::nearest(&folder.path().join("above/project/package")).unwrap();
        nearest.map(|(path, _)| without_folder(&path.display().to_string(), &folder))
    };
    let package = ("above/project/package/Cargo.toml", "[package]\nname = \"a\"\n");
    let workspace = ("above/project/Cargo.toml", "[workspace]\n");
    let above = ("above/template.yaml", TEMPLATE);
    let own = ("above/project/template.yaml", TEMPLATE);
    assert_eq!(found(&[above, package]), None);
    assert_eq!(found(&[above, package, workspace]), None);
    assert_eq!(found(&[above, package, own, workspace]).as_deref(), Some(own.0));
    // The root of a repository comes before that of a workspace in it.
    assert_eq!(
        found(&[above, package, workspace, ("above/.git/HEAD", "")]).as_deref(),
        Some(above.0)
    );
    assert_eq!(found(&[above, package, ("above/project/.git/HEAD", "")]), None);
}
