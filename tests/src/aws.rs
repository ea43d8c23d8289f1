//! Stand-ins for AWS on this machine: moto for its APIs, and a registry for container images.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{self, Run, program};
use crate::server::{Server, free_address};

/// The bucket that SAM uploads to.
pub const BUCKET: &str = "hello-deployments";

/// A command in this folder, with a region and with credentials that no service accepts.
#[must_use]
pub fn command(folder: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = command::program(program);
    command
        .args(arguments)
        .current_dir(folder)
        .envs([("SAM_CLI_TELEMETRY", "0"), ("AWS_DEFAULT_REGION", "eu-central-1")])
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
        .env("PATH", command::path());
    command
}

/// The APIs of AWS that moto implements.
#[derive(Debug)]
pub struct Cloud {
    folder: PathBuf,
    endpoint: String,
    _server: Server,
}

impl Cloud {
    /// Starts moto for the project in this folder.
    #[must_use]
    pub fn start(folder: &Path) -> Self {
        let address = free_address();
        let port = address.port().to_string();
        let mut moto = command(folder, "moto_server", &["--port", &port]);
        // AWS has policies that everybody can attach.
        moto.env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
        moto.stdout(Stdio::null()).stderr(Stdio::null());
        let server = Server::start(moto, address);
        // moto recognizes the URLs of uploaded templates by this name.
        let endpoint = format!("http://localhost:{port}");
        let cloud = Self { folder: folder.to_owned(), endpoint, _server: server };

        // SAM makes this stack on its first deployment, but moto loses the tags that SAM looks for.
        let managed = json!({
            "Resources": { "Bucket": {
                "Type": "AWS::S3::Bucket", "Properties": { "BucketName": BUCKET },
            } },
            "Outputs": { "SourceBucket": { "Value": { "Ref": "Bucket" } } },
        });
        let _ = cloud.aws(&[
            "cloudformation",
            "create-stack",
            "--stack-name=aws-sam-cli-managed-default",
            "--tags=Key=ManagedStackSource,Value=AwsSamCli",
            "--template-body",
            &managed.to_string(),
        ]);
        cloud
    }

    /// The URL of the server.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Runs a program that takes this server for AWS, with this on standard input.
    #[must_use]
    pub fn run(&self, program: &str, arguments: &[&str], input: &str) -> Run {
        self.run_with(program, arguments, input, [("AWS_REGION", "eu-central-1")])
    }

    /// The same, with these environment variables.
    #[must_use]
    pub fn run_with<V: AsRef<OsStr>>(
        &self,
        program: &str,
        arguments: &[&str],
        input: &str,
        environment: impl IntoIterator<Item = (&'static str, V)>,
    ) -> Run {
        let mut child = command(&self.folder, program, arguments)
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        // A program that does not read its input closes it.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        Run::from(child.wait_with_output().expect("it ends"))
    }

    /// Runs the AWS CLI and returns its JSON.
    #[must_use]
    pub fn aws(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run("aws", arguments, "").success()).expect("it answers JSON")
    }

    /// Creates a function of a zip.
    #[must_use]
    pub fn create_function(&self, zip: &Path) -> Value {
        let role = ["--role-name=hello", "--assume-role-policy-document={}"];
        let role = self.aws(&[&["iam", "create-role"], &role[..]].concat());
        let role = role["Role"]["Arn"].as_str().expect("a role has a name");
        let file = format!("fileb://{}", zip.display());
        let runtime = ["--runtime=provided.al2023", "--handler=bootstrap", "--role", role];
        let create = ["lambda", "create-function", "--function-name=hello", "--zip-file", &file];
        self.aws(&[&create, &runtime[..]].concat())
    }
}

/// A registry of container images on this machine, and the API of AWS that hands out its password.
#[derive(Debug)]
pub struct Registry {
    /// The address at which it listens.
    pub address: SocketAddr,
    keys: SocketAddr,
    _server: Server,
    _folder: TempDir,
}

impl Registry {
    /// Starts both.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = free_address();
        let settings = json!({
            "version": 0.1,
            "storage": { "filesystem": { "rootdirectory": folder.path() } },
            "http": { "addr": address.to_string() },
            "log": { "level": "error", "accesslog": { "disabled": true } },
        });
        let file = folder.path().join("settings.yml");
        fs::write(&file, settings.to_string()).expect("its settings are written");
        let mut registry = program("docker-registry");
        registry.arg("serve").arg(file).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Server::start(registry, address);
        let keys = give_keys(&name(address));
        Self { address, keys, _server: server, _folder: folder }
    }

    /// Its name as a part of an image's name.
    #[must_use]
    pub fn name(&self) -> String {
        name(self.address)
    }

    /// The environment in which a program gets its password.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 1] {
        [("AWS_ENDPOINT_URL_ECR", format!("http://{}", self.keys))]
    }
}

fn name(address: SocketAddr) -> String {
    format!("localhost:{}", address.port())
}

/// Answers every request with the password, until the process ends.
fn give_keys(registry: &str) -> SocketAddr {
    let answer = json!({ "authorizationData": [{
        "authorizationToken": BASE64_STANDARD.encode("AWS:key"),
        "expiresAt": 4_102_444_800_u32,
        "proxyEndpoint": format!("http://{registry}"),
    }] });
    let answer = answer.to_string();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("an address");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 8192]);
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close\r\n\
                 Content-Length: {}\r\n\r\n{answer}",
                answer.len()
            );
        }
    });
    address
}
