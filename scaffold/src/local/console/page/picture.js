// Drawings of invocations.

import { h, milliseconds, svg, visible } from "./dom.js";

const PHASES = [
  ["queue", "waited for an instance"],
  ["init", "init"],
  ["handler", "handler"],
  ["stream", "response streamed"],
  ["after", "until ready again"],
];

/** The phases of one invocation, one below the other. */
export function timeline(phases) {
  const known = PHASES.filter(([name]) => phases[name] != null);
  const total = Math.max(0.001, ...known.map(([name]) => phases[name].start + phases[name].length));
  const [left, width, row] = [170, 700, 26];
  const rows = known.map(([name, label], index) => {
    const { start, length } = phases[name];
    const x = left + (start / total) * width;
    return svg(
      "g",
      {},
      svg("text", { x: 0, y: index * row + 17 }, label),
      svg("rect", { class: name, x, y: index * row + 5, width: Math.max(1.5, (length / total) * width), height: row - 10 }),
      svg("text", { x: Math.min(x + (length / total) * width + 6, left + width + 6), y: index * row + 17 }, milliseconds(length)),
    );
  });
  const label = known.map(([name, label]) => `${label}: ${milliseconds(phases[name].length)}`).join("; ");
  return svg("svg", { viewBox: `0 0 960 ${known.length * row + 4}`, role: "img", "aria-label": label || "no phases" }, rows);
}

/** The last invocations: a bar for each duration, and a line for the number that ran at the same time. */
export function overview(invocations) {
  const shown = invocations.filter((it) => it.duration != null).slice(0, 200).reverse();
  if (shown.length === 0) return h("p", { class: "quiet" }, "No invocation yet.");
  const [width, height] = [1000, 120];
  const longest = Math.max(0.001, ...shown.map((it) => it.duration));
  const step = width / Math.max(shown.length, 40);
  const bars = shown.map((it, index) => {
    const tall = Math.max(2, (it.duration / longest) * height);
    const name = `${it.source}, ${it.status}, ${milliseconds(it.duration)}`;
    return svg(
      "a",
      // The list below has the same links for the keyboard.
      { href: `#/invocations/${it.id}`, "aria-label": visible(name), tabindex: -1 },
      svg("title", {}, visible(name)),
      svg("rect", { class: it.ok ? "good" : "bad", x: index * step, y: 20 + height - tall, width: Math.max(1, step - 1), height: tall }),
    );
  });
  const running = concurrency(shown);
  const most = Math.max(1, ...running);
  const line = running.map((count, index) => `${(index + 0.5) * step},${20 + height - (count / most) * height}`).join(" ");
  return h(
    "div",
    { class: "scroll" },
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${height + 40}`, role: "group", "aria-label": `The last ${shown.length} invocations` },
      svg("text", { x: 0, y: 13 }, `longest ${milliseconds(longest)}; at most ${most} at the same time (line)`),
      svg("line", { class: "axis", x1: 0, x2: width, y1: height + 20.5, y2: height + 20.5 }),
      bars,
      svg("polyline", { class: "running", points: line }),
      svg("text", { x: 0, y: height + 36 }, "older"),
      svg("text", { x: width, y: height + 36, "text-anchor": "end" }, "newer"),
    ),
  );
}

/** For each invocation, the number that ran when it started, including itself. */
export function concurrency(invocations) {
  return invocations.map(
    (it) => invocations.filter((other) => other.time <= it.time && it.time < other.time + Math.max(other.duration, 0.001)).length || 1,
  );
}
