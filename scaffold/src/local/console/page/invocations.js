// The views of invocations: the list, one of them, two side by side.

import * as exported from "./export.js";
import { block, body, h, milliseconds, notify, pretty, show, table, visible } from "./dom.js";
import { overview, timeline } from "./picture.js";
import { data, get, post } from "./server.js";

/** What the list is filtered by; kept while the page is open. */
let filter = "";
/** The ids of those to compare. */
const chosen = new Set();

const SHOWN = 100;

// The list.

export const list = {
  watches: ["invocations"],
  view() {
    const rows = h("tbody", {});
    const count = h("p", { class: "hint", role: "status" });
    const picture = h("div", {});
    const compare = h("button", { click: () => (location.hash = `#/compare/${[...chosen].join("/")}`) }, "Compare two");
    const enable = () => (compare.disabled = chosen.size !== 2);
    /** The rows by the invocations that they show. */
    let listed = new Map();
    const fill = () => {
      const found = data.invocations.filter(matches);
      show(picture, overview(found));
      const focus = document.activeElement;
      const focused = focus?.closest("tr")?.dataset.id;
      // Rows that stay are not touched, so that the focus stays too.
      listed = new Map(found.slice(0, SHOWN).map((it) => [it, listed.get(it) ?? row(it, enable)]));
      const stay = new Set(listed.values());
      for (const old of [...rows.children]) if (!stay.has(old)) old.remove();
      let next = rows.firstChild;
      for (const element of stay) {
        if (element === next) next = next.nextSibling;
        else rows.insertBefore(element, next);
      }
      // The invocation of the row that had the focus has changed.
      if (focused && !focus.isConnected) rows.querySelector(`tr[data-id="${focused}"] ${focus.localName}`)?.focus();
      const all = found.length === 1 ? "1 invocation" : `${found.length} invocations`;
      show(count, found.length > SHOWN ? `${all}; the newest ${SHOWN} are listed` : all);
      enable();
    };
    fill();
    const search = h("input", { type: "search", value: filter, id: "filter", input: (event) => ((filter = event.target.value), fill()) });
    const whole = table("Invocations", [
      { name: "Compare" },
      "Time",
      "Source",
      "Function",
      "Status",
      { name: "Duration", number: true },
      { name: "Memory", number: true },
      { name: "Version", number: true },
      "Notes",
    ]);
    whole.querySelector("tbody").replaceWith(rows);
    const content = [
      h("h2", {}, "Invocations"),
      picture,
      h(
        "div",
        { class: "row" },
        h("label", { for: "filter" }, "Filter"),
        search,
        h("span", { class: "hint" }, "words of the source, the function, the status or the notes"),
        compare,
      ),
      count,
      whole,
    ];
    return { content, update: fill };
  },
};

function matches(invocation) {
  const { source, function: name, status, notes } = invocation;
  const text = `${source} ${name ?? ""} ${status} ${notes.join(" ")} ${invocation.reason ?? ""}`.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function row(it, enable) {
  const select = (event) => (event.target.checked ? chosen.add(it.id) : chosen.delete(it.id), enable());
  return h(
    "tr",
    { "data-id": it.id },
    h("td", {}, h("input", { type: "checkbox", checked: chosen.has(it.id), change: select, "aria-label": `Compare ${visible(it.source)} of ${clock(it.time)}` })),
    h("td", { class: "mono" }, clock(it.time)),
    h("td", {}, h("a", { href: `#/invocations/${it.id}` }, h("code", {}, visible(it.source)))),
    h("td", {}, visible(it.function ?? "")),
    h("td", {}, status(it)),
    h("td", { class: "number" }, milliseconds(it.duration)),
    h("td", { class: "number" }, it.memory == null ? "" : `${it.memory} MB`),
    h("td", { class: "number" }, it.version ?? ""),
    h("td", {}, badges(it), it.reason && h("div", { class: "quiet" }, visible(it.reason))),
  );
}

function status(it) {
  return h("span", { class: it.status === "running" ? "warn" : it.ok ? "good" : "bad" }, visible(it.status));
}

function badges(it) {
  return it.notes.map((note) => [h("span", { class: note === "old version" ? "badge bad" : "badge warn" }, visible(note)), " "]);
}

function clock(time) {
  return new Date(time).toLocaleTimeString("en-GB", { hour12: false }) + "." + String(time % 1000).padStart(3, "0");
}

// One of them.

export const one = {
  watches: ["invocations"],
  async view([id]) {
    let it = await get(`invocation/${id}`);
    const content = h("div", {}, whole(it));
    const summary = () => data.invocations.find((other) => other.id === id) ?? it;
    const isNew = () => Object.entries(summary()).some(([name, value]) => JSON.stringify(value) !== JSON.stringify(it[name]));
    let busy = false;
    const update = async () => {
      if (busy || !(it.running || isNew())) return;
      busy = true;
      try {
        do show(content, whole((it = await get(`invocation/${id}`))));
        while (isNew());
      } catch {
        // It is no longer kept, and stays as it is.
      }
      busy = false;
    };
    update();
    return { content, update };
  },
};

function whole(it) {
  const answer = it.stream && it.response ? "Prelude of the function" : "Response of the function";
  return [
    h("h2", {}, h("code", {}, visible(it.source)), " ", status(it), " ", badges(it)),
    actions(it),
    h("dl", {}, facts(it).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    it.phases && h("section", { class: "scroll", tabindex: 0, "aria-label": "Timeline" }, timeline(it.phases)),
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { "aria-label": "Request" },
        it.request && [h("h3", {}, "Request of the client"), block(request(it.request), "Request of the client"), body(it.request.body, header(it.request, "content-type"), "Body of the request")],
        it.event && [h("h3", {}, "Event"), body(it.event, "application/json", "Event")],
      ),
      h(
        "section",
        { "aria-label": "Response" },
        it.status === "running" && h("p", { class: "quiet" }, "no response yet"),
        it.answer && [h("h3", {}, answer), body(it.answer, "application/json", answer)],
        it.response && [
          h("h3", {}, "Response to the client"),
          block([it.response.status, ...it.response.headers.map((pair) => pair.join(": "))].join("\n"), "Response to the client"),
          body(it.response.body, header(it.response, "content-type"), "Body of the response"),
        ],
      ),
    ),
    it.log != null && [h("h3", {}, "Log"), it.log === "" ? h("p", { class: "quiet" }, "nothing was printed") : block(it.log, "Log")],
  ];
}

function streamed({ length, kept, parts, first, end }) {
  const some = length > kept ? `, of which the first ${kept} are shown` : "";
  const start = first == null ? "" : `; first byte after ${milliseconds(first)}`;
  return `${length} bytes in ${parts === 1 ? "1 part" : `${parts} parts`}${some}${start}; ${end ?? "not complete yet"}`;
}

function facts(it) {
  return [
    ["Function", visible(it.function ?? "none: the gateway responded")],
    ["Time", new Date(it.time).toISOString()],
    it.duration != null && ["Duration", milliseconds(it.duration)],
    it.version != null && ["Version", String(it.version)],
    it.stream && ["Streamed", streamed(it.stream)],
    it.reason && ["Reason", h("span", { class: "bad" }, visible(it.reason))],
    it.report && ["Report", h("code", {}, visible(it.report))],
    ["Request id", h("code", {}, it.id)],
  ].filter(Boolean);
}

function request({ method, target, headers }) {
  return [`${method} ${target}`, ...headers.map((pair) => pair.join(": "))].join("\n");
}

function header({ headers }, name) {
  return headers.find(([own]) => own.toLowerCase() === name)?.[1];
}

function actions(it) {
  const button = (label, click) => h("button", { click: () => Promise.resolve(click()).catch((error) => notify(error.message)) }, label);
  const copy = (label, text) => button(label, () => copied(text()));
  const route = it.request && data.application.routes.find((route) => `${route.method} ${route.path}` === it.route);
  const called = data.application.functions.find(({ name }) => name === it.function);
  const own = called?.handlers?.find(({ name }) => name === called.handler || called.handler.endsWith(`.${name}`));
  const handler = route?.handler ?? own ?? called?.handlers?.[0];
  return h(
    "div",
    { class: "row" },
    button("Send again", async () => {
      const again = it.request ? await post("send", replay(it.request)) : await post("invoke", { function: it.function, event: it.event.text });
      location.hash = again.id ? `#/invocations/${again.id}` : "#/invocations";
    }),
    button("Edit and send", () => edit(it, route)),
    it.event && button("Save as an event", () => save(it)),
    it.request && copy("Copy as curl", () => exported.curl(location.origin, it.request)),
    it.event?.text && it.function && copy("Copy as aws lambda invoke", () => exported.aws(location.origin, it.function, it.event.text)),
    it.event?.text && !it.running && copy("Copy as a Rust test", () => exported.rust(handler, it, route)),
  );
}

function replay({ method, target, headers, body }) {
  const own = ["host", "content-length", "connection", "transfer-encoding"];
  return { method, target, headers: headers.filter(([name]) => !own.includes(name.toLowerCase())), body: body?.text ?? "", base64: body?.base64 };
}

/** Opens the form that would have sent this. */
function edit(it, route) {
  if (!it.request) {
    sessionDraft = { event: pretty(it.event.text), loaded: true };
    location.hash = `#/send/${encodeURIComponent(it.function)}`;
    return;
  }
  const again = replay(it.request);
  const [path, query] = again.target.split("?");
  sessionDraft = {
    method: again.method,
    target: path,
    path: [],
    query: [...new URLSearchParams(query ?? "")],
    headers: again.headers,
    cookies: [],
    body: again.body,
    base64: again.base64,
  };
  const first = route ?? data.application.routes[0];
  location.hash = `#/send/${encodeURIComponent(`${first.method} ${first.path}`)}`;
}

/** The form that the view of requests opens next. */
let sessionDraft;

export function takeDraft() {
  const draft = sessionDraft;
  sessionDraft = undefined;
  return draft;
}

async function save(it) {
  const name = prompt("Name of the file in events/", `${(it.function ?? "event").toLowerCase()}.json`);
  if (!name) return;
  const { path } = await post("save", { id: it.id, name });
  notify(`saved as ${path}`);
}

async function copied(text) {
  await navigator.clipboard.writeText(text);
  notify("copied");
}

// Two of them.

export const compare = {
  watches: [],
  async view(ids) {
    const [one, other] = await Promise.all(ids.map((id) => get(`invocation/${id}`)));
    const parts = [
      ["Source", (it) => it.source],
      ["Status", (it) => it.status],
      ["Duration", (it) => milliseconds(it.duration) || "running"],
      ["Version", (it) => String(it.version ?? "")],
      ["Event", (it) => pretty(it.event?.text ?? "")],
      ["Response of the function", (it) => pretty(it.answer?.text ?? "")],
      ["Response to the client", (it) => it.response && [it.response.status, ...it.response.headers.map((pair) => pair.join(": ")), "", pretty(it.response.body?.text ?? "")].join("\n")],
      ["Streamed", (it) => (it.stream ? streamed(it.stream) : "")],
      ["Log", (it) => it.log ?? ""],
    ];
    return {
      content: [
        h("h2", {}, "Two invocations"),
        h(
          "div",
          { class: "row" },
          [one, other].map((it, index) => h("a", { href: `#/invocations/${it.id}` }, `${["Before", "After"][index]}: ${clock(it.time)}`)),
        ),
        parts.map(([name, of]) => {
          const [before, after] = [of(one) ?? "", of(other) ?? ""];
          if (before === after && before === "") return null;
          const state = before === after ? h("span", { class: "quiet" }, " the same") : "";
          return [h("h3", {}, name, state), h("pre", { tabindex: 0, role: "region", "aria-label": name }, difference(before, after))];
        }),
      ],
    };
  },
};

/** Marks the lines that only one of two texts has. */
export function difference(before, after) {
  const [a, b] = [before, after].map((text) => visible(text.slice(0, 100_000)).split("\n"));
  if (before === after) return a.join("\n");
  // The length of the longest common part of the rest, for each pair of places.
  if (a.length * b.length > 4_000_000) return [h("del", {}, a.join("\n")), h("ins", {}, b.join("\n"))];
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const lines = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(`  ${a[i]}\n`);
      i++, j++;
    } else if (j >= b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) {
      lines.push(h("del", {}, `- ${a[i++]}`));
    } else {
      lines.push(h("ins", {}, `+ ${b[j++]}`));
    }
  }
  return lines;
}
