// The view that sends requests to routes and events to functions.

import { block, body, h, milliseconds, notify, show, visible } from "./dom.js";
import * as sample from "./sample.js";
import { data, get, post } from "./server.js";

export const watches = ["application"];

/** What was typed, by route or function, so that it is still there when the user comes back. */
const drafts = new Map();

/** `key` is a route (`GET /orders/{id}`) or the name of a function; `draft` fills the form. */
export function view([key], draft) {
  const { routes, functions } = data.application;
  const names = [...routes.map((it) => `${it.method} ${it.path}`), ...functions.map((it) => it.name)];
  const chosen = key ? decodeURIComponent(key) : names[0];
  if (draft) drafts.set(chosen, draft);
  const choice = h(
    "select",
    { id: "target", change: (event) => (location.hash = `#/send/${encodeURIComponent(event.target.value)}`) },
    h("optgroup", { label: "Routes" }, routes.map((it) => option(`${it.method} ${it.path}`, chosen))),
    h("optgroup", { label: "Functions" }, functions.map((it) => option(it.name, chosen))),
  );
  const route = routes.find((it) => `${it.method} ${it.path}` === chosen);
  const called = functions.find((it) => it.name === chosen);
  const answer = h("section", { "aria-label": "Response", "aria-live": "polite" });
  return [
    h("div", { class: "field" }, h("label", { for: "target" }, "Route or function"), choice),
    chosen != null && !route && !called && h("p", { class: "bad" }, `There is no route or function ${visible(chosen)}.`),
    h("div", { class: "columns" }, route ? request(route, chosen, answer) : called ? event(called, answer) : "", answer),
  ];
}

function option(name, chosen) {
  return h("option", { value: name, selected: name === chosen }, visible(name));
}

// A request to a route.

/** The OpenAPI document, and the number of the build that it describes. */
let openapi = { version: 0, document: null };

function described(route, method) {
  const paths = openapi.version === data.build.version ? openapi.document?.paths : null;
  return paths?.[route.path.replace(/\+\}/g, "}")]?.[method.toLowerCase()];
}

/** The parameters besides the body: those of the record, with what the OpenAPI document knows of them, and those that only it has. */
function parameters(route, method) {
  const own = (route.parameters ?? []).filter((it) => it.name !== "" && it.in !== "body");
  const more = described(route, method)?.parameters ?? [];
  const same = (one) => (other) => one.in === other.in && one.name.toLowerCase() === other.name.toLowerCase();
  return [
    ...own.map((it) => ({ ...more.find(same(it)), ...it })),
    ...more.filter((it) => !own.some(same(it))),
  ].map((it) => ({ ...it, schema: sample.resolve(it.schema, openapi.document) }));
}

/** The names and values of a place in the request. */
const pairsOf = (draft, place) => draft[{ path: "path", query: "query", header: "headers", cookie: "cookies" }[place]];

function request(route, key, answer) {
  const draft = drafts.get(key) ?? empty(route);
  drafts.set(key, draft);
  const target = h("code", {});
  const methods = route.method === "ANY" ? ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] : [route.method];
  const update = () => (target.textContent = visible(`${draft.method} ${address(route, draft)}`));
  const send = async () => {
    button.disabled = true;
    try {
      const headers = draft.headers.filter(([name, value]) => name.trim() !== "" && value !== "");
      const cookies = draft.cookies.filter(([name, value]) => name !== "" && value !== "").map((it) => it.join("="));
      if (cookies.length > 0) headers.push(["cookie", cookies.join("; ")]);
      show(answer, response(await post("send", { method: draft.method, target: address(route, draft), headers, body: draft.body, base64: draft.base64 })));
    } catch (error) {
      show(answer, h("p", { class: "bad" }, visible(error.message)));
    } finally {
      button.disabled = false;
    }
  };
  const button = h("button", { class: "main" }, "Send");
  const example = h("button", { type: "button" }, "Fill in an example");
  example.addEventListener("click", async () => {
    example.disabled = true;
    await fill(route, draft).catch((error) => notify(error.message));
    example.disabled = false;
    draw();
    example.focus();
  });
  const form = h("form", {
    submit: (event) => (event.preventDefault(), send()),
    keydown: (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && (event.preventDefault(), send()),
  });
  const draw = () => {
    const known = parameters(route, draft.method);
    const of = (place) => known.filter((it) => it.in === place);
    const method = h("select", { change: (event) => ((draft.method = event.target.value), draw()) }, methods.map((name) => option(name, draft.method)));
    const path = draft.path.map((pair) => {
      const [input, hint] = field(of("path").find((it) => it.name === pair[0]), pair, update);
      return h("div", { class: "field" }, h("label", {}, h("span", {}, visible(pair[0]), " ", hint), h("br", {}), input));
    });
    const hasBody = route.method === "ANY" || !["GET", "HEAD"].includes(route.method);
    show(
      form,
      route.doc && h("p", {}, visible(route.doc)),
      methods.length > 1 && h("div", { class: "field" }, h("label", {}, "Method", h("br", {}), method)),
      path.length > 0 && h("fieldset", {}, h("legend", {}, "Path"), path),
      pairs("Query", draft.query, of("query"), update),
      pairs("Headers", draft.headers, of("header"), update),
      of("cookie").length > 0 && pairs("Cookies", draft.cookies, of("cookie"), update),
      hasBody && editor("Body", draft.body, (text) => ((draft.body = text), (draft.base64 = undefined)), isJson(draft)),
      h("p", {}, target),
      h("div", { class: "row" }, button, route.handler && example, h("span", { class: "hint" }, "Ctrl+Enter sends")),
    );
    update();
  };
  draw();
  return form;
}

/** An input for the value of `pair`, and a hint, as far as the parameter is known. Any text can be sent, to see what the function does with it. */
function field(parameter, pair, update, label) {
  const choices = sample.choices(parameter);
  const { type, required, description, schema } = parameter ?? {};
  const list = choices.length > 0 && h("datalist", { id: `choices-${(lists += 1)}` }, choices.map((value) => h("option", { value })));
  const limits = [["at least", schema?.minimum], ["at most", schema?.maximum], ["default", schema?.default]];
  const facts = [
    type ?? [schema?.type, schema?.format].flat().filter(Boolean).join(" "),
    required ? "required" : "optional",
    choices.length > 0 && `one of ${choices.join(", ")}`,
    ...limits.map(([name, value]) => value != null && `${name} ${value}`),
    description,
  ];
  const input = h("input", {
    value: pair[1],
    list: list && list.id,
    inputmode: sample.isNumber(parameter) && "decimal",
    "aria-required": required && "true",
    "aria-label": label,
    placeholder: schema?.default ?? (parameter ? null : "value"),
    size: 24,
    input: (event) => ((pair[1] = event.target.value), update()),
  });
  return [[input, list], parameter && h("span", { class: "hint" }, visible(facts.filter(Boolean).join(", ")))];
}

let lists = 0;

/** Rows of names and values: the known ones, others, and an empty one at the end. */
function pairs(label, list, known, update) {
  const rows = h("div", {});
  const about = (name) => known.find((it) => it.name.toLowerCase() === name.toLowerCase());
  const row = (pair) => {
    const changed = () => {
      if (list.at(-1)?.[0] !== "") add(["", ""]);
      update();
    };
    const parameter = about(pair[0]);
    const [input, hint] = field(parameter, pair, changed, `${label}: value of ${pair[0] || "the name beside it"}`);
    const rename = (event) => ((pair[0] = event.target.value), changed());
    const name = parameter ? h("code", {}, visible(pair[0])) : h("input", { value: pair[0], "aria-label": `${label}: name`, placeholder: "name", size: 18, input: rename });
    return h("div", { class: "row" }, name, input, hint);
  };
  const add = (pair) => (list.push(pair), rows.append(row(pair)));
  const missing = known.filter((it) => !list.some(([name]) => name.toLowerCase() === it.name.toLowerCase()));
  list.unshift(...missing.map((it) => [it.name, ""]));
  rows.append(...list.map(row));
  if (list.at(-1)?.[0] !== "") add(["", ""]);
  return h("fieldset", {}, h("legend", {}, label), rows);
}

/** A text area that tells whether its text is JSON. */
function editor(label, text, change, json) {
  const state = h("p", { class: "hint", role: "status" });
  const check = (value) => {
    change(value);
    if (!json || value.trim() === "") return show(state, "");
    try {
      JSON.parse(value);
      show(state, h("span", { class: "good" }, "valid JSON"));
    } catch (error) {
      show(state, h("span", { class: "bad" }, `not JSON: ${visible(error.message)}`));
    }
  };
  const area = h("textarea", { value: text, spellcheck: "false", input: (event) => check(event.target.value) });
  check(text);
  return h("div", { class: "field" }, h("label", {}, label, area), state);
}

function isJson(draft) {
  const type = draft.headers.find(([name]) => name.toLowerCase() === "content-type");
  return type == null || /json/i.test(type[1]);
}

/** The form of a route before anything was typed. */
function empty(route) {
  const known = route.parameters ?? [];
  const of = (place) => known.filter((it) => it.in === place && it.name !== "").map((it) => [it.name, it.required ? sample.ofType(it.type) : ""]);
  const body = known.some((it) => it.in === "body") ? "{}" : "";
  const headers = of("header");
  if (body !== "") headers.unshift(["content-type", "application/json"]);
  return {
    method: route.method === "ANY" ? "GET" : route.method,
    path: [...route.path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name]) => [name, sample.ofType(known.find((it) => it.in === "path" && it.name === name)?.type)]),
    query: of("query"),
    headers,
    cookies: of("cookie"),
    body,
  };
}

/** Reads the OpenAPI document of the code, and puts an example of the body and of the required parameters into the form. */
async function fill(route, draft) {
  const { version } = data.build;
  if (openapi.version !== version) openapi = { version, document: await get("openapi") };
  const found = described(route, draft.method);
  if (!found) throw new Error("the OpenAPI document does not have this route");
  for (const it of parameters(route, draft.method)) {
    const list = pairsOf(draft, it.in);
    let pair = list.find(([name]) => name.toLowerCase() === it.name.toLowerCase());
    if (!pair) list.unshift((pair = [it.name, ""]));
    const choices = sample.choices(it);
    const isWrong = choices.length > 0 ? !choices.includes(pair[1]) : pair[1] === "";
    if (it.required && isWrong) pair[1] = String(choices[0] ?? sample.ofSchema(it.schema, openapi.document) ?? "");
  }
  const schema = found.requestBody?.content?.["application/json"]?.schema;
  if (schema) draft.body = JSON.stringify(sample.ofSchema(schema, openapi.document), null, 2);
}

/** The target of the request: path and query. */
function address(route, draft) {
  const value = (name) => draft.path.find(([own]) => own === name)?.[1] ?? "";
  const path = draft.target ?? route.path.replace(/\{([^}+]+)(\+?)\}/g, (_, name, greedy) =>
    greedy ? value(name).split("/").map(encodeURIComponent).join("/") : encodeURIComponent(value(name)),
  );
  const query = draft.query.filter(([name, value]) => name !== "" && value !== "");
  return query.length > 0 ? `${path}?${new URLSearchParams(query)}` : path;
}

/** A response as the client got it. */
export function response({ id, status, headers, body: content, milliseconds: time }) {
  const type = headers.find(([name]) => name === "content-type")?.[1];
  const kind = status < 400 ? "good" : status < 500 ? "warn" : "bad";
  return [
    h("h2", {}, h("span", { class: kind }, status), time != null && h("span", { class: "quiet" }, ` in ${milliseconds(time)}`)),
    id && h("p", {}, h("a", { href: `#/invocations/${id}` }, "Show the invocation")),
    block(headers.map((pair) => pair.join(": ")).join("\n"), "Response headers"),
    body(content, type, "Response body"),
  ];
}

// An event to a function.

function event(called, answer) {
  const key = called.name;
  const draft = drafts.get(key) ?? { event: "{}" };
  drafts.set(key, draft);
  const place = h("div", {});
  const edit = () => show(place, editor("Event", draft.event, (text) => (draft.event = text), true));
  const load = async (name) => {
    if (name === "") return;
    try {
      draft.event = (await get(name)).text;
      edit();
    } catch (error) {
      notify(error.message);
    }
  };
  edit();
  if (!drafts.get(key).loaded) {
    draft.loaded = true;
    const first = called.events?.[0] ?? (draft.event === "{}" && data.application.events[0] && `saved/${encodeURIComponent(data.application.events[0])}`);
    if (first && draft.event === "{}") load(first);
  }
  const choice = h(
    "select",
    { change: (event) => load(event.target.value) },
    h("option", { value: "" }, "choose …"),
    h("optgroup", { label: "events/" }, data.application.events.map((name) => h("option", { value: `saved/${encodeURIComponent(name)}` }, visible(name)))),
    h("optgroup", { label: "Examples" }, data.application.examples.map((name) => h("option", { value: `example/${name}` }, name))),
  );
  const button = h("button", { class: "main" }, "Invoke");
  const send = async () => {
    button.disabled = true;
    try {
      show(answer, outcome(await post("invoke", { function: called.name, event: draft.event })));
    } catch (error) {
      show(answer, h("p", { class: "bad" }, visible(error.message)));
    } finally {
      button.disabled = false;
    }
  };
  return h(
    "form",
    {
      submit: (event) => (event.preventDefault(), send()),
      keydown: (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && (event.preventDefault(), send()),
    },
    h("div", { class: "field" }, h("label", {}, "Load an event", h("br", {}), choice)),
    place,
    h("div", { class: "row" }, button, h("span", { class: "hint" }, "or Ctrl+Enter")),
  );
}

function outcome({ id, error, body: content, milliseconds: time }) {
  return [
    h("h2", {}, error ? h("span", { class: "bad" }, "The function has failed") : h("span", { class: "good" }, "OK"), h("span", { class: "quiet" }, ` in ${milliseconds(time)}`)),
    id && h("p", {}, h("a", { href: `#/invocations/${id}` }, "Show the invocation")),
    body(content, "application/json", "Response body"),
  ];
}
