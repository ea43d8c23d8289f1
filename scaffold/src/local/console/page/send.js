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

function request(route, key, answer) {
  const draft = drafts.get(key) ?? empty(route);
  drafts.set(key, draft);
  const target = h("code", {});
  const method = h("select", { change: (event) => ((draft.method = event.target.value), update()) });
  const methods = route.method === "ANY" ? ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] : [route.method];
  method.append(...methods.map((name) => option(name, draft.method)));
  const update = () => (target.textContent = visible(`${draft.method} ${address(route, draft)}`));
  update();
  const send = async () => {
    button.disabled = true;
    try {
      const headers = [...draft.headers.filter(([name]) => name.trim() !== "")];
      const cookies = draft.cookies.filter(([name, value]) => name !== "" && value !== "").map((it) => it.join("="));
      if (cookies.length > 0) headers.push(["cookie", cookies.join("; ")]);
      show(answer, response(await post("send", { method: draft.method, target: address(route, draft), headers, body: draft.body })));
    } catch (error) {
      show(answer, h("p", { class: "bad" }, visible(error.message)));
    } finally {
      button.disabled = false;
    }
  };
  const button = h("button", { class: "main" }, "Send");
  const named = (place) => (route.parameters ?? []).filter((it) => it.in === place && it.name !== "");
  const about = (name) => (route.parameters ?? []).find((it) => it.name.toLowerCase() === name.toLowerCase());
  const input = (label, value, change) => {
    const parameter = about(label);
    const type = parameter && h("span", { class: "hint" }, ` ${visible(parameter.type)}${parameter.required ? "" : ", optional"}`);
    return h("div", { class: "field" }, h("label", {}, h("span", {}, visible(label), type), h("br", {}), h("input", { value, input: (event) => (change(event.target.value), update()) })));
  };
  const hasBody = route.method === "ANY" || !["GET", "HEAD"].includes(route.method);
  const place = h("div", {});
  const example = h("button", { type: "button" }, "Fill in an example");
  const edit = () => show(place, editor("Body", draft.body, (text) => (draft.body = text), isJson(draft)), example);
  edit();
  example.addEventListener("click", async () => {
    example.disabled = true;
    await fill(route, draft).then(edit, (error) => notify(error.message));
    example.disabled = false;
  });
  return h(
    "form",
    {
      submit: (event) => (event.preventDefault(), send()),
      keydown: (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && (event.preventDefault(), send()),
    },
    route.doc && h("p", {}, visible(route.doc)),
    methods.length > 1 && h("div", { class: "field" }, h("label", {}, "Method", h("br", {}), method)),
    draft.path.length > 0 && h("fieldset", {}, h("legend", {}, "Path"), draft.path.map((pair) => input(pair[0], pair[1], (value) => (pair[1] = value)))),
    pairs("Query", draft.query, named("query"), update),
    pairs("Headers", draft.headers, named("header"), update),
    named("cookie").length > 0 && pairs("Cookies", draft.cookies, named("cookie"), update),
    hasBody && place,
    h("p", {}, target),
    h("div", { class: "row" }, button, h("span", { class: "hint" }, "or Ctrl+Enter")),
  );
}

/** Rows of names and values, with an empty one at the end. */
function pairs(label, list, known, update) {
  const rows = h("div", {});
  const row = (pair) => {
    const about = known.find((it) => it.name.toLowerCase() === pair[0].toLowerCase());
    const change = (at) => (event) => {
      pair[at] = event.target.value;
      if (list.at(-1)?.[0] !== "") add(["", ""]);
      update();
    };
    return h(
      "div",
      { class: "row" },
      h("input", { value: pair[0], "aria-label": `${label}: name`, placeholder: "name", size: 18, input: change(0) }),
      h("input", { value: pair[1], "aria-label": `${label}: value of ${pair[0] || "the name beside it"}`, placeholder: "value", size: 24, input: change(1) }),
      about && h("span", { class: "hint" }, `${visible(about.type)}${about.required ? "" : ", optional"}`),
    );
  };
  const add = (pair) => (list.push(pair), rows.append(row(pair)));
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
  const parameters = route.parameters ?? [];
  const of = (place) => parameters.filter((it) => it.in === place && it.name !== "").map((it) => [it.name, it.required ? sample.ofType(it.type) : ""]);
  const body = parameters.some((it) => it.in === "body") ? "{}" : "";
  const headers = of("header");
  if (body !== "") headers.unshift(["content-type", "application/json"]);
  return {
    method: route.method === "ANY" ? "GET" : route.method,
    path: [...route.path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name]) => [name, sample.ofType(parameters.find((it) => it.in === "path" && it.name === name)?.type)]),
    query: of("query"),
    headers,
    cookies: of("cookie"),
    body,
  };
}

/** Puts an example of the body into the form, out of the OpenAPI document of the code. */
async function fill(route, draft) {
  const document = await get("openapi");
  const path = route.path.replace(/\+\}/g, "}");
  const operation = document.paths?.[path]?.[draft.method.toLowerCase()];
  const content = operation?.requestBody?.content ?? {};
  const schema = content["application/json"]?.schema;
  if (!schema) throw new Error("the OpenAPI document has no JSON body for this route");
  draft.body = JSON.stringify(sample.ofSchema(schema, document), null, 2);
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
