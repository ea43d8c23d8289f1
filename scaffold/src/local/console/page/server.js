// The data of `scaffold dev`: what the server has sent, and requests to it.

/** The newest invocations that the server keeps. */
const MAX = 1000;

export const data = {
  /** Functions, routes, examples and saved events. */
  application: { functions: [], routes: [], examples: [], events: [] },
  build: { state: "building", output: "" },
  /** Summaries, the newest first. */
  invocations: [],
  connected: false,
};

const listeners = new Set();

/** Calls `listener(what)` after each change of "application", "build", "invocations" or "connected". */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(what) {
  for (const listener of listeners) listener(what);
}

/** Receives changes for as long as the page is open. The browser connects again by itself. */
export function connect() {
  const source = new EventSource("stream");
  const on = (name, apply) =>
    source.addEventListener(name, (event) => {
      apply(JSON.parse(event.data));
      changed(name);
    });
  on("application", (application) => (data.application = application));
  on("build", (build) => (data.build = build));
  // All of them, when the page connects.
  on("invocations", (all) => (data.invocations = all.reverse()));
  // Invocations that have started or changed since the last such event.
  source.addEventListener("changed", (event) => {
    const fresh = new Map(JSON.parse(event.data).map((it) => [it.id, it]));
    const known = data.invocations.map((old) => {
      const it = fresh.get(old.id) ?? old;
      fresh.delete(old.id);
      return it;
    });
    data.invocations = [...[...fresh.values()].reverse(), ...known].slice(0, MAX);
    changed("invocations");
  });
  source.onopen = () => ((data.connected = true), changed("connected"));
  source.onerror = () => ((data.connected = false), changed("connected"));
}

/** Requests JSON of the console's own server. */
export async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** Posts JSON to the console's own server. */
export async function post(path, value) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(value) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}
