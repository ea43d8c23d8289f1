//! rust-analyzer on generated projects and on the library's examples, without `cargo check`: it
//! expands the macros itself.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use lambda_native_tests::command::{program, workspace};
use lambda_native_tests::project::{Project, share_target};
use serde_json::{Value, json};

/// The errors that rust-analyzer reports in the files of a folder, of all that it reads.
fn errors(mut rust_analyzer: Command, folder: &Path) -> Vec<String> {
    let output = rust_analyzer
        .args(["diagnostics", "--severity", "error"])
        .arg(folder)
        .stderr(Stdio::null())
        .output()
        .expect("rust-analyzer starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("diagnostic scan complete"), "{printed}");
    let file = format!("file {}/", folder.display());
    let errors = printed.lines().filter(|line| line.contains(&file) && line.contains(": Error"));
    errors.map(ToOwned::to_owned).collect()
}

#[test]
#[ignore = "needs rustup's components `rust-analyzer` and `rust-src`"]
fn no_template_has_an_error_in_rust_analyzer() {
    for template in lambda_native_templates::templates() {
        let project = Project::new(&["--template", template.name]);
        let mut rust_analyzer = program("rust-analyzer");
        share_target(&mut rust_analyzer);
        assert_eq!(errors(rust_analyzer, &project.path()), [""; 0], "{}", template.name);
    }
}

#[test]
#[ignore = "needs rustup's components `rust-analyzer` and `rust-src`"]
fn no_example_has_an_error_in_rust_analyzer() {
    assert_eq!(errors(program("rust-analyzer"), &workspace().join("runtime")), [""; 0]);
}

#[test]
#[ignore = "needs rustup's components `rust-analyzer` and `rust-src`"]
fn an_editor_helps_within_a_handler() {
    let project = Project::new(&["--template", "http-api"]);
    let file = project.path().join("src/main.rs");
    let mut source = std::fs::read_to_string(&file).unwrap();
    let mut editor = Editor::open(&project.path(), &file, &source);
    assert_eq!(editor.errors(), [""; 0]);

    let handler = behind(&source, "async fn ", behind(&source, "#[lambda_handler", 0));
    let name = word(&source, handler);
    let request = behind(&source, "request: &", handler);
    let body = behind(&source, "{\n", handler);
    let call = behind(&source, &format!("{name}("), behind(&source, "#[cfg(test)]", body));

    let hover = editor.request_at("hover", &source, request);
    let text = hover["contents"]["value"].as_str().unwrap_or_default();
    assert!(text.contains("lambda_native::http::request\n"), "{hover}");
    assert!(text.contains("pub struct Request<'a>"), "{hover}");

    let definition = editor.request_at("definition", &source, call - 1);
    assert_eq!(definition[0]["targetSelectionRange"]["start"], position(&source, handler));

    source.insert_str(body, "    let _ = request.path();\n");
    editor.change(&source);
    assert_eq!(editor.errors(), [""; 0]);

    let half = "    request.path_para";
    source.insert_str(body, &format!("{half}\n"));
    editor.change(&source);
    let completion = editor.request_at("completion", &source, body + half.len());
    let items = completion["items"].as_array().unwrap();
    let labels: Vec<_> = items.iter().filter_map(|item| item["label"].as_str()).collect();
    assert!(labels.contains(&"path_parameter"), "{labels:?}");
}

/// The offset behind the next `text`.
fn behind(source: &str, text: &str, from: usize) -> usize {
    let found = source[from..].find(text).unwrap_or_else(|| panic!("no `{text}`:\n{source}"));
    from + found + text.len()
}

/// The name that begins at an offset.
fn word(source: &str, from: usize) -> String {
    source[from..].chars().take_while(|&next| next.is_alphanumeric() || next == '_').collect()
}

/// An offset as the protocol counts, in lines and bytes.
fn position(source: &str, offset: usize) -> Value {
    let before = &source[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    json!({ "line": before.matches('\n').count(), "character": offset - line_start })
}

/// An editor that has one file open, and speaks the Language Server Protocol.
struct Editor {
    rust_analyzer: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    file: String,
    id: u64,
    version: u64,
}

impl Editor {
    /// Opens a file, and waits until rust-analyzer has read the project.
    fn open(folder: &Path, file: &Path, source: &str) -> Self {
        let mut command = program("rust-analyzer");
        share_target(&mut command).current_dir(folder);
        let mut rust_analyzer = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("rust-analyzer starts");
        let input = rust_analyzer.stdin.take().unwrap();
        let mut output = BufReader::new(rust_analyzer.stdout.take().unwrap());
        let (sender, messages) = channel();
        thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                let _ = sender.send(message);
            }
        });
        let uri = |path: &Path| format!("file://{}", path.display());
        let file = uri(file);
        let mut editor = Self { rust_analyzer, input, messages, file, id: 0, version: 1 };
        let capabilities = json!({
            "general": { "positionEncodings": ["utf-8"] },
            "textDocument": {
                "completion": {},
                "definition": { "linkSupport": true },
                "diagnostic": {},
                "hover": { "contentFormat": ["markdown"] },
            },
            "experimental": { "serverStatusNotification": true },
        });
        editor.request(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": uri(folder),
                "capabilities": capabilities,
                "initializationOptions": { "checkOnSave": false },
            }),
        );
        editor.notify("initialized", &json!({}));
        let document = json!({
            "uri": editor.file,
            "languageId": "rust",
            "version": editor.version,
            "text": source,
        });
        editor.notify("textDocument/didOpen", &json!({ "textDocument": document }));
        while editor.receive()["params"]["quiescent"] != true {}
        editor
    }

    /// Replaces the contents of the file, which is not saved.
    fn change(&mut self, source: &str) {
        self.version += 1;
        let document = json!({ "uri": self.file, "version": self.version });
        let change = json!({ "textDocument": document, "contentChanges": [{ "text": source }] });
        self.notify("textDocument/didChange", &change);
    }

    /// The errors in the file.
    fn errors(&mut self) -> Vec<String> {
        let file = json!({ "textDocument": { "uri": self.file } });
        let report = self.request("textDocument/diagnostic", &file);
        let diagnostics = report["items"].as_array().unwrap();
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic["severity"] == 1);
        errors.map(ToString::to_string).collect()
    }

    /// Asks about a place in the file.
    fn request_at(&mut self, question: &str, source: &str, offset: usize) -> Value {
        let position = position(source, offset);
        let place = json!({ "textDocument": { "uri": self.file }, "position": position });
        self.request(&format!("textDocument/{question}"), &place)
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        /// The codes of requests to repeat: the server still reads the project or a change.
        const REPEAT: [i64; 2] = [-32801, -32802];
        loop {
            self.id += 1;
            self.send(&json!({ "id": self.id, "method": method, "params": params }));
            let response = loop {
                let message = self.receive();
                if message["id"] == self.id && message["method"].is_null() {
                    break message;
                }
            };
            if response["error"].is_null() {
                return response["result"].clone();
            }
            let code = response["error"]["code"].as_i64().unwrap_or_default();
            assert!(REPEAT.contains(&code), "{method}: {response}");
        }
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let mut message = message.clone();
        message["jsonrpc"] = "2.0".into();
        let message = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{message}", message.len()).unwrap();
    }

    /// Receives the next message, and answers it with `null` if it is a request.
    fn receive(&mut self) -> Value {
        let message = self.messages.recv_timeout(Duration::from_mins(5));
        let message = message.expect("rust-analyzer sends a message");
        if message["method"].is_string() && !message["id"].is_null() {
            self.send(&json!({ "id": message["id"], "result": null }));
        }
        message
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.rust_analyzer.kill();
        let _ = self.rust_analyzer.wait();
    }
}

/// Reads a message of the server; `None` at the end.
fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().ok()?;
        } else if line == "\r\n" {
            break;
        }
    }
    let mut message = vec![0; length];
    output.read_exact(&mut message).ok()?;
    serde_json::from_slice(&message).ok()
}
