// Elements, and text that is safe to show. Nothing from outside is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** Creates an element. Attributes that are functions listen to events; `false` and `null` are left out. */
export function h(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** Creates an element of SVG. */
export function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (name === "value") element.value = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((it) => it != null && it !== false));
  return element;
}

/** Replaces what is in an element. */
export function show(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((it) => it != null && it !== false));
}

/** Makes control characters visible: escape sequences, and marks that change the direction of text. */
export function visible(text) {
  return String(text).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u{${character.codePointAt(0).toString(16)}}`,
  );
}

const MAX_SHOWN = 100_000;

/** A block of text, shortened if it is long. */
export function block(text, label) {
  const all = String(text);
  const shown = visible(all.slice(0, MAX_SHOWN));
  const more = all.length > MAX_SHOWN && `\n… ${all.length - MAX_SHOWN} more characters`;
  return h("pre", { tabindex: 0, role: "region", "aria-label": label }, shown, more);
}

/** Formats JSON; other text stays as it is. */
export function pretty(text) {
  // Parsing would round large numbers.
  if (text.length > MAX_SHOWN || /\d{16}/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Shows a body: `{ text }`, or `{ base64 }` if it is not text, with its content type. */
export function body(content, type, label) {
  if (content.text != null) {
    return content.text === "" ? h("p", { class: "quiet" }, "empty") : block(pretty(content.text), label);
  }
  const media = (type ?? "").split(";")[0].trim().toLowerCase();
  const bytes = Uint8Array.from(atob(content.base64), (character) => character.charCodeAt(0));
  if (IMAGES.includes(media)) {
    const url = URL.createObjectURL(new Blob([bytes], { type: media }));
    return h("img", { src: url, alt: label, load: () => URL.revokeObjectURL(url) });
  }
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, 1024); at += 16) {
    const row = [...bytes.slice(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  ${text}`);
  }
  if (bytes.length > 1024) lines.push(`… ${bytes.length - 1024} more bytes`);
  return block(lines.join("\n"), label);
}

/** A table that scrolls by itself in a narrow window. */
export function table(caption, columns, rows) {
  const head = columns.map((column) => {
    const { name, number } = typeof column === "string" ? { name: column } : column;
    return h("th", { scope: "col", class: number && "number" }, name);
  });
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h("table", {}, h("caption", {}, caption), h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)),
  );
}

let fading;

/** Tells for some seconds what has happened. */
export function notify(text) {
  const notice = document.getElementById("notice");
  notice.textContent = visible(text);
  clearTimeout(fading);
  fading = setTimeout(() => (notice.textContent = ""), 5000);
}

export function milliseconds(value) {
  if (value == null) return "";
  return value < 10 ? `${value.toFixed(1)} ms` : value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}
