// The view of functions and routes.

import { h, table, visible } from "./dom.js";
import { data } from "./server.js";

export const watches = ["application", "build"];

export function view() {
  const { functions, routes } = data.application;
  return [
    table(
      "Routes",
      ["Method", "Path", "Function", "API", "Description", "Try it"],
      routes.map((route) =>
        h("tr", {}, [
          h("td", {}, h("code", {}, visible(route.method))),
          h("td", {}, h("code", {}, visible(route.path))),
          h("td", {}, visible(route.function)),
          h("td", {}, route.api),
          h("td", {}, visible(route.doc ?? "")),
          h("td", {}, h("a", { href: target(route), "aria-label": `Send ${route.method} ${route.path}` }, "Send")),
        ]),
      ),
    ),
    routes.length === 0 && h("p", { class: "quiet" }, "No function has a route."),
    table(
      "Functions",
      ["Function", "State", "Handler", { name: "Memory", number: true }, { name: "Timeout", number: true }, "Events", "Environment", "Try it"],
      functions.map((it) =>
        h("tr", {}, [
          h("td", {}, visible(it.name)),
          h("td", {}, state()),
          h("td", {}, h("code", {}, visible(it.handler))),
          h("td", { class: "number" }, `${it.memory} MB`),
          h("td", { class: "number" }, `${it.timeout} s`),
          h("td", {}, it.sources.map((source) => h("div", {}, visible(source)))),
          h("td", {}, it.environment.map((name) => h("div", {}, h("code", {}, visible(name))))),
          h("td", {}, h("a", { href: `#/send/${encodeURIComponent(it.name)}`, "aria-label": `Send an event to ${it.name}` }, "Send an event")),
        ]),
      ),
    ),
  ];
}

/** The place in the console that sends a request to this route. */
export function target(route) {
  return `#/send/${encodeURIComponent(`${route.method} ${route.path}`)}`;
}

function state() {
  const { state, serving } = data.build;
  if (state === "ready") return h("span", { class: "good" }, "ready");
  if (state === "building") return h("span", { class: "warn" }, serving ? "building; the previous version is served" : "building");
  return h("span", { class: "bad" }, serving ? "serving an old version" : "failed");
}

/** One line on the build for the head of the page. */
export function build() {
  const { state, serving, version, seconds } = data.build;
  if (!data.connected) return h("span", { class: "bad" }, "scaffold dev has stopped; reconnecting …");
  if (state === "building") return h("span", { class: "warn" }, "building …");
  if (state === "ready") return h("span", { class: "good" }, `ready: version ${version}, built in ${seconds.toFixed(1)} s`);
  return h("span", { class: "bad" }, serving ? `the build has failed; serving version ${version}` : "the build has failed");
}

/** The errors of a build that has failed. */
export function errors() {
  const { state, output } = data.build;
  if (state !== "failed") return [];
  const found = [...output.matchAll(/^error(?:\[\w+\])?: (.+)\n(?:.*\n){0,2}? *--> (.+)$/gm)];
  return [
    h("h2", {}, "The build has failed"),
    found.length > 0 && h("ul", {}, found.map(([, message, place]) => h("li", {}, h("code", {}, visible(place)), " ", visible(message)))),
    h("pre", { tabindex: 0, role: "region", "aria-label": "Output of the build" }, visible(output)),
  ];
}
