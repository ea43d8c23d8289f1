// An invocation as a command, and as a Rust test.

/** Quotes a word for a POSIX shell. */
export function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The request as a command of `curl`. */
export function curl(address, { method, target, headers, body }) {
  const parts = ["curl"];
  if (method === "HEAD") parts.push("--head");
  else if (method !== "GET" || body?.text) parts.push("--request", method);
  for (const [name, value] of headers) {
    if (!["host", "content-length", "connection", "transfer-encoding"].includes(name)) parts.push("--header", quote(`${name}: ${value}`));
  }
  if (body?.text) parts.push("--data-raw", quote(body.text));
  if (body?.base64) return `printf %s ${quote(body.base64)} | base64 --decode | ${parts.join(" ")} --data-binary @- ${quote(address + target)}`;
  return `${parts.join(" ")} ${quote(address + target)}`;
}

/** The event as a command of the AWS CLI. */
export function aws(address, name, event) {
  return `aws lambda invoke --endpoint-url ${address} --function-name ${quote(name)} --cli-binary-format raw-in-base64-out --payload ${quote(event)} /dev/stdout`;
}

/** A test that expects the same response. `handler` is the record of the handler, `route` the route that it was called by. */
export function rust(handler, { request, event, answer, response }, route) {
  const name = handler?.name ?? "handler";
  const lines = ["use lambda_native::testing;", ""];
  const call = (values) => `testing::block_on(${name}(${values.join(", ")}))`;
  if (route?.parameters || handler?.kind === "http") {
    lines[0] = "use lambda_native::{http::IntoResponse, testing};";
    if (!route?.parameters) {
      lines.push(`let event = ${raw(event.text)};`, "let request = lambda_native::http::Request::from_slice(event.as_bytes()).unwrap();");
    } else {
      lines.push("// The parameters of the route; add the context and the state if the function takes them.");
    }
    const values = route?.parameters?.map((it) => value(it, route, request)) ?? ["request"];
    // Errors that are responses themselves, such as `Problem`, and all others.
    const isResponse = /Result\s*<.*>$/.test(handler?.output ?? "") && !/Error\s*>$|dyn |String\s*>$|str\s*>$/.test(handler.output);
    const convert = isResponse ? "map_or_else(IntoResponse::into_response, IntoResponse::into_response)" : "into_response()";
    lines.push(`let response = ${call(values)}.${convert};`, "", `assert_eq!(response.status(), ${response?.status ?? 200});`);
  } else {
    const unwrap = handler?.output?.includes("Result") ? ".unwrap()" : "";
    lines.push(
      `let event: ${handler?.input ?? "Event"} = serde_json::from_str(${raw(event.text)}).unwrap();`,
      "// Remove the context if the function takes none, and add the state if it takes it.",
      `let response = ${call(["event", "&testing::context()"])}${unwrap};`,
      "",
      `assert_eq!(serde_json::to_string(&response).unwrap(), ${raw(answer?.text ?? "null")});`,
    );
  }
  const body = lines.map((line) => (line ? `    ${line}` : "")).join("\n");
  return `#[test]\nfn ${name}_responds_as_before() {\n${body}\n}\n`;
}

/** The value of a parameter of a route, as Rust code. */
function value({ in: place, name, type }, route, { target, headers, body }) {
  if (place === "body") {
    if (/^&\s*('\w+\s+)?str$/.test(type)) return raw(body?.text ?? "");
    return `serde_json::from_str(${raw(body?.text ?? "")}).unwrap()`;
  }
  const [path, query] = target.split("?");
  if (name === "") return `serde_json::from_value(serde_json::json!(${JSON.stringify(Object.fromEntries(new URLSearchParams(query ?? "")))})).unwrap()`;
  const header = (own) => headers.filter(([other]) => other.toLowerCase() === own.toLowerCase()).map(([, value]) => value);
  const cookies = header("cookie").flatMap((line) => line.split("; ")).map((pair) => pair.split("="));
  const values = {
    path: () => placeholder(route.path, path, name),
    query: () => new URLSearchParams(query ?? "").getAll(name),
    header: () => header(name),
    cookie: () => cookies.filter(([own]) => own === name).map(([, value]) => value),
  }[place]();
  const [, wrapper, inner] = type.match(/^(Option|Vec)\s*<(.*)>$/) ?? [null, null, type];
  const code = values.map((text) => literal(inner.trim(), text));
  if (wrapper === "Vec") return `vec![${code.join(", ")}]`;
  if (wrapper === "Option") return code.length > 0 ? `Some(${code[0]})` : "None";
  return code[0] ?? literal(inner, "");
}

function literal(type, text) {
  if (/^([ui](8|16|32|64|128|size)|f32|f64|bool)$/.test(type)) return text;
  if (/^&\s*('\w+\s+)?str$/.test(type)) return raw(text);
  if (type === "String") return `${raw(text)}.to_owned()`;
  return `${raw(text)}.parse().unwrap()`;
}

function placeholder(pattern, path, name) {
  const [parts, values] = [pattern, path].map((it) => it.split("/"));
  const at = parts.findIndex((part) => part === `{${name}}` || part === `{${name}+}`);
  if (at < 0) return [];
  return [parts[at].endsWith("+}") ? values.slice(at).map(decodeURIComponent).join("/") : decodeURIComponent(values[at] ?? "")];
}

/** A string of Rust. */
function raw(text) {
  if (!/["\\\n]/.test(text)) return `"${text}"`;
  let hashes = "#";
  while (text.includes(`"${hashes}`)) hashes += "#";
  return `r${hashes}"${text}"${hashes}`;
}
