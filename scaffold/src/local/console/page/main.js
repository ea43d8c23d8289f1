// The page: which view is shown, and what updates it.

import { h, show, visible } from "./dom.js";
import * as functions from "./functions.js";
import * as invocations from "./invocations.js";
import * as send from "./send.js";
import { connect, data, listen } from "./server.js";

const VIEWS = {
  functions: { watches: functions.watches, view: () => ({ content: functions.view() }) },
  send: { watches: send.watches, view: (rest) => ({ content: send.view(rest, invocations.takeDraft()) }) },
  invocations: { watches: invocations.list.watches, view: (rest) => (rest.length > 0 ? invocations.one.view(rest) : invocations.list.view()) },
  compare: invocations.compare,
};

const main = document.getElementById("view");
/** Counts views, so that a slow one does not replace the next. */
let current = 0;
let stop = () => {};

async function open({ focus }) {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean);
  const { watches, view } = VIEWS[name] ?? VIEWS.functions;
  const shown = (current += 1);
  stop();
  for (const link of document.querySelectorAll("nav a")) {
    const isCurrent = link.hash === `#/${name ?? "functions"}`;
    isCurrent ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  try {
    const { content, update } = await view(rest);
    if (shown !== current) return;
    show(main, content);
    const isList = rest.length === 0 || name === "send";
    stop = listen((what) => watches.includes(what) && (update ? update() : isList && open({ focus: false })));
  } catch (error) {
    if (shown === current) show(main, h("p", { class: "bad" }, visible(error.message)));
  }
  if (focus) main.focus();
}

function head() {
  const name = data.application.name ?? "scaffold dev";
  document.title = `${visible(name)}: scaffold dev`;
  document.getElementById("application").textContent = visible(name);
  show(document.getElementById("build"), functions.build());
  const errors = document.getElementById("errors");
  const content = functions.errors();
  errors.hidden = content.length === 0;
  show(errors, content);
}

listen((what) => what !== "invocations" && head());
addEventListener("hashchange", () => open({ focus: true }));
connect();
head();
open({ focus: false });
