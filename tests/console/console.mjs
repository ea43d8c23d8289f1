// The console of `scaffold dev` in a real browser: `.ci/run console`.
//
// It needs `playwright-core` and `axe-core`, and these variables: SCAFFOLD (the program), CHROMIUM (the browser),
// PROJECT (a copy of `project`), and SCREENSHOTS (a folder, kept after the run).

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";

const { SCAFFOLD, CHROMIUM, PROJECT, SCREENSHOTS } = process.env;
const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SOURCE = join(PROJECT, "src/main.rs");
/** While this file is missing, some of the functions wait. */
const GATE = join(PROJECT, "target/gate");

let dev, browser, context, page, console_, address;
/** Errors of the page, and dialogs that nobody expected. */
const faults = [];

before(async () => {
  dev = spawn(SCAFFOLD, ["dev", "--port", "0"], { cwd: PROJECT, stdio: ["ignore", "ignore", "pipe"] });
  dev.log = "";
  dev.stderr.on("data", (text) => (dev.log += text));
  await until("the console's address", () => dev.log.includes("console: http://"));
  // The first line of the log.
  [, console_] = dev.log.match(/^console: (http:\S+)$/m);
  address = new URL(console_).origin;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"], viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("dialog", (dialog) => {
    if (dialog.type() === "prompt") return dialog.accept("saved-by-the-console");
    faults.push(dialog.message());
    return dialog.dismiss();
  });
  await page.goto(console_);
  await page.getByText("ready: version 1").waitFor({ timeout: 300_000 });
}, { timeout: 400_000 });

after(async () => {
  await browser?.close();
  dev?.kill("SIGINT");
});

async function until(what, holds) {
  for (let round = 0; round < 1200; round++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}\n${dev.log}`);
}

const view = (hash) => page.goto(`${console_}#/${hash}`);
const screenshot = (name) => page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
const main = () => page.locator("main");

/** Sends a request, and returns the detail of its invocation. */
async function invocation(method, path, body) {
  await view("invocations");
  const link = main().getByRole("table").getByRole("link", { name: `${method} ${path}`, exact: true });
  const before = await link.count();
  const headers = body ? { "content-type": "application/json" } : {};
  const response = await fetch(address + path, { method, headers, body });
  await response.arrayBuffer();
  await until(`${method} ${path}`, async () => (await link.count()) > before);
  await link.first().click();
  await main().getByRole("button", { name: "Send again" }).waitFor();
}

test("lists the functions and the routes with their settings", async () => {
  await view("functions");
  const routes = main().getByRole("table").first();
  assert.match(await routes.innerText(), /GET\s+\/orders\/\{id\}\s+Shop\s+HTTP API\s+Returns one order\./);
  const functions = await main().getByRole("table").nth(1).innerText();
  assert.match(functions, /Ship\s+ready\s+ship\s+128 MB\s+3 s\s+Invoke API/);
  assert.match(functions, /Shop\s+ready\s+bootstrap\s+256 MB\s+60 s\s+HTTP API\s+TABLE/);
  await screenshot("functions");
});

test("sends requests to routes, and shows their responses", async () => {
  await view("functions");
  await main().getByRole("link", { name: "Send GET /orders/{id}" }).click();
  await main().getByLabel(/^id/).fill("42");
  await main().getByLabel("Query: value of verbose").fill("true");
  await main().getByText("GET /orders/42?verbose=true").waitFor();
  await main().getByRole("button", { name: "Send", exact: true }).click();
  const response = main().getByRole("region", { name: "Response", exact: true });
  await response.getByText("200").first().waitFor();
  assert.match(await response.innerText(), /200 in [\d.]+ ms[\s\S]*content-type: application\/json[\s\S]*"item": "tea"/);
  await screenshot("send-get");

  // The body of the example comes from the OpenAPI document.
  await view(`send/${encodeURIComponent("POST /orders")}`);
  await main().getByRole("button", { name: "Fill in an example" }).click();
  await until("the example", async () => /"count": 1/.test(await main().getByLabel("Body", { exact: true }).inputValue()));
  await main().getByLabel("Body", { exact: true }).press("Control+Enter");
  await response.getByText("201").first().waitFor();
  await screenshot("send-post");

  // So do the values that a parameter can have, and its limits.
  await view(`send/${encodeURIComponent("GET /orders")}`);
  const sort = main().getByLabel("Query: value of sort");
  await sort.waitFor();
  const row = (name) => main().locator(".row").filter({ hasText: name });
  assert.match(await row("sort").innerText(), /Option\s*<\s*Sort\s*>, optional, one of newest, oldest/);
  assert.deepEqual(await row("sort").locator("option").evaluateAll((all) => all.map((it) => it.value)), ["newest", "oldest"]);
  assert.match(await row("limit").innerText(), /u32, required, at least 0/);
  assert.equal(await main().getByLabel("Query: value of limit").getAttribute("inputmode"), "decimal");
  assert.match(await row("x-trace").innerText(), /optional/);
  await main().getByRole("button", { name: "Fill in an example" }).click();
  await sort.fill("oldest");
  await main().getByLabel("Headers: value of x-trace").fill("7");
  await main().getByText("GET /orders?limit=1&sort=oldest").waitFor();
  await main().getByRole("button", { name: "Send", exact: true }).click();
  await response.getByText("1 oldest Some(\"7\")").waitFor();
  await screenshot("send-query");

  await view(`send/${encodeURIComponent("POST /orders")}`);
  await main().getByLabel("Body", { exact: true }).fill('{"item": ');
  await main().getByText(/^not JSON: /).waitFor();
  await main().getByRole("button", { name: "Send", exact: true }).click();
  await response.getByText("400").first().waitFor();
  assert.match(await response.innerText(), /application\/problem\+json/);
}, { timeout: 300_000 });

test("sends events to functions without a route", async () => {
  await view("send/Ship");
  const event = () => main().getByLabel("Event", { exact: true });
  await main().getByLabel("Load an event").selectOption("saved/events%2Fparcel.json");
  await until("the event", async () => (await event().inputValue()).includes("12 Harbour Street"));
  await main().getByRole("button", { name: "Invoke" }).click();
  await main().getByText("3 kg to 12 Harbour Street").waitFor();
  await screenshot("send-event");
  await main().getByLabel("Load an event").selectOption("example/sqs");
  await until("the example", async () => (await event().inputValue()).includes("messageId"));
  await main().getByRole("button", { name: "Invoke" }).click();
  await main().getByText("The function has failed").waitFor();
  await main().getByText(/missing field/).waitFor();
});

test("shows each invocation with its event, its responses and its log", async () => {
  await invocation("GET", "/orders/5?verbose=false");
  const text = await main().innerText();
  for (const part of [
    /Function\s+Shop/,
    /Version\s+1/,
    /REPORT RequestId: /,
    /"routeKey": "GET \/orders\/\{id\}"/,
    /"statusCode": 200/,
    /content-type: application\/json/,
    /reading order 5, verbose: Some\(false\)/,
  ]) {
    assert.match(text, part);
  }
  const timeline = main().getByRole("region", { name: "Timeline" }).getByRole("img");
  assert.match(await timeline.getAttribute("aria-label"), /handler: [\d.]+ ms/);
  await screenshot("invocation");
});

test("tells why the gateway itself refused a request", async () => {
  await invocation("GET", "/nowhere");
  const text = await main().innerText();
  assert.match(text, /none: the gateway responded/);
  assert.match(text, /Reason\s+no route; there are /);
  await invocation("GET", "/broken");
  assert.match(await main().innerText(), /500[\s\S]*Reason\s+the function exited: exit status 3/);
});

test("lists invocations as they happen, and filters them", async () => {
  await view("invocations");
  const rows = main().getByRole("table").locator("tbody tr");
  const before = await rows.count();
  await fetch(`${address}/orders/7`);
  await until("the row", async () => (await rows.count()) > before);
  const first = await rows.first().innerText();
  assert.match(first, /GET \/orders\/7\s+Shop\s+410\s+[\d.]+ ms\s+\d* ?(MB)?/);
  // A row that has the focus keeps it.
  await rows.first().getByRole("link").focus();
  await fetch(`${address}/orders/8`);
  await main().getByRole("link", { name: "GET /orders/8", exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "GET /orders/7");
  await main().getByLabel("Filter").fill("410 orders");
  await until("the filter", async () => (await rows.count()) === 1);
  await main().getByLabel("Filter").fill("");
  await main().getByRole("group", { name: /^The last \d+ invocations$/ }).waitFor();
  await screenshot("invocations");
});

test("sends an invocation again, as it was or changed", async () => {
  await invocation("POST", "/orders", '{"item":"rum","count":1}');
  const url = page.url();
  await main().getByRole("button", { name: "Send again" }).click();
  await page.waitForURL((other) => other.href !== url && other.hash.startsWith("#/invocations/"));
  await main().getByText('"item": "rum"').first().waitFor();
  await main().getByRole("button", { name: "Edit and send" }).click();
  await main().getByLabel("Body", { exact: true }).fill('{"item":"gin","count":2}');
  await main().getByRole("button", { name: "Send", exact: true }).click();
  await main().getByRole("region", { name: "Response", exact: true }).getByText('"item": "gin"').waitFor();
});

test("shows an invocation while it runs, and its end", async () => {
  rmSync(GATE, { force: true });
  await view("invocations");
  const request = fetch(`${address}/slow`).then((response) => response.text());
  const row = main().getByRole("row").filter({ hasText: "GET /slow" }).filter({ hasText: "running" });
  await row.waitFor();
  // The focus stays in the row that changes.
  await row.getByRole("link").focus();
  await screenshot("running");
  await row.getByRole("link").click();
  await main().getByText("no response yet").waitFor();
  assert.match(await main().innerText(), /GET \/slow running[\s\S]*"rawPath": "\/slow"/);
  assert.equal(await main().getByRole("button", { name: "Copy as a Rust test" }).count(), 0);
  writeFileSync(GATE, "");
  await request;
  await main().getByText("REPORT RequestId: ").first().waitFor();
  assert.match(await main().innerText(), /GET \/slow 200[\s\S]*slept/);
  // It can be sent again and saved as any other.
  await main().getByRole("button", { name: "Save as an event" }).waitFor();
  // A client that goes away.
  rmSync(GATE);
  await view("invocations");
  const leave = new AbortController();
  const left = fetch(`${address}/slow?left`, { signal: leave.signal }).catch(() => {});
  const leaving = main().getByRole("row").filter({ hasText: "GET /slow?left" });
  await leaving.getByText("running").waitFor();
  await leaving.getByRole("link").focus();
  leave.abort();
  await left;
  writeFileSync(GATE, "");
  await leaving.getByText("the client has closed the connection").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "GET /slow?left");
});

test("shows a streamed response as it arrives", async () => {
  rmSync(GATE, { force: true });
  await view("invocations");
  const response = await fetch(`${address}/Feed/`);
  const rest = response.text();
  const row = main().getByRole("row").filter({ hasText: "GET /Feed/" }).first();
  await row.getByText("streaming").waitFor();
  await row.getByRole("link").click();
  const got = main().getByRole("region", { name: "Body of the response" });
  await got.getByText("<b>first</b>").waitFor();
  assert.match(await main().innerText(), /Streamed\s+12 bytes in 1 part; first byte after [\d.]+ ms; not complete yet/);
  writeFileSync(GATE, "");
  assert.equal(await rest, "<b>first</b><b>second</b>");
  await got.getByText("<b>first</b><b>second</b>").waitFor();
  const timeline = main().getByRole("region", { name: "Timeline" }).getByRole("img");
  assert.match(await timeline.getAttribute("aria-label"), /handler: [\d.]+ m?s; response streamed: [\d.]+ m?s; until ready again: /);
  const text = await main().innerText();
  assert.match(text, /Streamed\s+25 bytes in 2 parts; first byte after [\d.]+ m?s; complete/);
  assert.match(text, /Prelude of the function\s+\{\s+"statusCode": 201/);
  assert.match(text, /Response to the client\s+201\s+content-type: text\/html/);
  assert.equal(await page.locator("main b").count(), 0);
  await screenshot("streamed");
  // Sent again, its status and its body are the same.
  const [first] = page.url().match(/[\w-]+$/);
  await main().getByRole("button", { name: "Send again" }).click();
  await page.waitForURL((url) => url.hash.startsWith("#/invocations/") && !url.hash.endsWith(first));
  const [second] = page.url().match(/[\w-]+$/);
  await view(`compare/${first}/${second}`);
  await main().getByRole("heading", { name: "Two invocations" }).waitFor();
  const compared = main().getByRole("region", { name: "Response to the client" });
  assert.match(await compared.innerText(), /^ {2}201\n[\s\S]*\n {2}<b>first<\/b><b>second<\/b>\s*$/);
  await view(`invocations/${second}`);
  await main().getByRole("button", { name: "Save as an event" }).click();
  await page.getByText("saved as events/saved-by-the-console.json").waitFor();
  rmSync(join(PROJECT, "events/saved-by-the-console.json"));
});

test("compares two invocations", async () => {
  await fetch(`${address}/orders/1`);
  await fetch(`${address}/orders/7`);
  await view("invocations");
  const compare = main().getByRole("button", { name: "Compare two" });
  assert.equal(await compare.isDisabled(), true);
  for (const id of [1, 7]) await main().getByRole("checkbox", { name: `Compare GET /orders/${id} ` }).first().check();
  await compare.click();
  await main().getByRole("heading", { name: "Two invocations" }).waitFor();
  const text = await main().innerText();
  assert.match(text, /- 200\n\s*\+ 410/);
  await screenshot("compare");
});

test("saves an event, and never replaces a file", async () => {
  await invocation("GET", "/orders/3");
  const path = join(PROJECT, "events/saved-by-the-console.json");
  await main().getByRole("button", { name: "Save as an event" }).click();
  await page.getByText("saved as events/saved-by-the-console.json").waitFor();
  assert.equal(JSON.parse(readFileSync(path)).rawPath, "/orders/3");
  await main().getByRole("button", { name: "Save as an event" }).click();
  await page.getByText(/exists$/).waitFor();
});

test("copies an invocation as commands and as a test that pass", async () => {
  const copied = async (name) => {
    await page.evaluate(() => navigator.clipboard.writeText(""));
    await main().getByRole("button", { name }).click();
    await until("the clipboard", () => page.evaluate(async () => (await navigator.clipboard.readText()) !== ""));
    return page.evaluate(() => navigator.clipboard.readText());
  };
  await invocation("POST", "/orders", '{"item":"it\'s","count":4}');
  const curl = await copied("Copy as curl");
  assert.deepEqual(JSON.parse(execFileSync("sh", ["-c", `${curl} --silent`])), { item: "it's", count: 4 });
  assert.match(await copied("Copy as aws lambda invoke"), /^aws lambda invoke --endpoint-url http:\S+ --function-name Shop /);
  const tests = [await copied("Copy as a Rust test")];
  await fetch(`${address}/orders/7?verbose=true`);
  await invocation("GET", "/orders/7?verbose=true");
  tests.push(await copied("Copy as a Rust test"));
  await view("send/Ship");
  await main().getByLabel("Event", { exact: true }).fill('{"address":"a \\"b\\"","weight":1}');
  await main().getByRole("button", { name: "Invoke" }).click();
  await main().getByRole("link", { name: "Show the invocation" }).click();
  tests.push((await copied("Copy as a Rust test")).replace(", &testing::context()", ""));
  const source = readFileSync(SOURCE, "utf8");
  const modules = tests.map((text, index) => `#[cfg(test)]\nmod test_${index} {\nuse super::*;\n${text}}\n`);
  writeFileSync(SOURCE, source + modules.join(""));
  try {
    const output = execFileSync("cargo", ["test", "--quiet"], { cwd: PROJECT, encoding: "utf8" });
    assert.match(output, /3 passed/);
  } finally {
    writeFileSync(SOURCE, source);
  }
}, { timeout: 300_000 });

test("shows hostile content as text, and images as images", async () => {
  await invocation("GET", "/hostile");
  const text = await main().innerText();
  assert.ok(text.includes("<script>document.title = 'hacked'</script>\\u{1b}[2J"), text);
  assert.ok(text.includes("\\u{1b}[31mred"), text);
  assert.ok(text.includes("\\u{202e}"), text);
  assert.ok(text.includes("x-note: <img src=x onerror="), text);
  assert.equal(await page.locator("main script, main img").count(), 0);
  await screenshot("hostile");
  await invocation("GET", "/image");
  await until("the image", () => page.evaluate(() => document.querySelector("main img")?.naturalWidth === 1));
  assert.ok(!(await page.title()).includes("hacked"));
});

test("shows cargo's errors with file and line, and the old version meanwhile", async () => {
  const source = readFileSync(SOURCE, "utf8");
  writeFileSync(SOURCE, source.replace("count: 2 }))", "count: two }))"));
  try {
    const errors = page.getByRole("region", { name: "Build errors" });
    await errors.getByText(/^src\/main\.rs:\d+:\d+$/).first().waitFor({ timeout: 120_000 });
    await page.getByText(/the build has failed; serving version \d+/).waitFor();
    const response = await fetch(`${address}/orders/1`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-scaffold-version"), "stale");
    await view("invocations");
    await main().getByText("old version").first().waitFor();
    await view("functions");
    await main().getByText("serving an old version").first().waitFor();
    await screenshot("failed-build");
  } finally {
    writeFileSync(SOURCE, source);
  }
  await page.getByText(/^ready: version \d+/).waitFor({ timeout: 120_000 });
}, { timeout: 300_000 });

test("works with the keyboard alone", async () => {
  await view("functions");
  await page.reload();
  await page.getByText(/^ready: version/).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  for (let tab = 0; tab < 2; tab++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/#\/send$/);
  await page.getByLabel("Route or function").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.type("9");
  await page.keyboard.press("Control+Enter");
  await main().getByRole("region", { name: "Response", exact: true }).getByText(/^\d{3}/).first().waitFor();
});

test("has no accessibility fault, light and dark, and fits into a narrow window", async () => {
  const id = (await page.evaluate(() => fetch("/orders/1").then((response) => response.status))) && (await newest());
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const hash of ["functions", "send", "send/Ship", "invocations", `invocations/${id}`]) {
      await view(hash);
      await main().locator("*").first().waitFor();
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => window.axe.run());
      const found = violations.map(({ id, nodes }) => `${hash} ${colorScheme}: ${id}: ${nodes.map((node) => node.html)}`);
      assert.deepEqual(found, []);
    }
    await screenshot(`invocation-${colorScheme}`);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  for (const hash of ["functions", "send", "invocations", `invocations/${id}`]) {
    await view(hash);
    await main().locator("*").first().waitFor();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${hash}: ${overflow} px too wide`);
  }
  await screenshot("narrow");
  await page.setViewportSize({ width: 1280, height: 900 });
});

/** The id of the newest invocation in the list. */
async function newest() {
  await view("invocations");
  const link = main().getByRole("table").locator("tbody tr a").first();
  return (await link.getAttribute("href")).split("/").at(-1);
}

test("keeps at most 1,000 invocations", async () => {
  await view("invocations");
  for (let round = 0; round < 11; round++) {
    await Promise.all([...Array(100).keys()].map(() => fetch(`${address}/orders/2`).then((response) => response.text())));
  }
  await main().getByText("1000 invocations; the newest 100 are listed").waitFor();
  await page.reload();
  await main().getByText("1000 invocations; the newest 100 are listed").waitFor();
});

test("refuses other sites, and requests that a form of another site could send", async () => {
  const { port } = new URL(address);
  for (const [path, init] of [
    ["", { headers: { origin: "https://evil.example" } }],
    ["stream", { headers: { "sec-fetch-site": "cross-site" } }],
    ["send", { method: "POST", body: "{}", headers: { "content-type": "text/plain" } }],
  ]) {
    const response = await fetch(`http://127.0.0.1:${port}/_scaffold/${path}`, init);
    assert.ok([400, 403].includes(response.status), `${path}: ${response.status}`);
  }
});

test("had no error of its own", () => {
  assert.deepEqual(faults.filter((fault) => !fault.includes("status of 4") && !fault.includes("status of 5")), []);
});
