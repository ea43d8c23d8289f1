// Examples of values, out of types and schemas.

/** A value for a parameter of this Rust type, as text. */
export function ofType(type) {
  if (NUMBER.test(inner(type) ?? "")) return "1";
  if (inner(type) === "bool") return "true";
  return "Ada";
}

const NUMBER = /^([ui](8|16|32|64|128|size)|f32|f64)$/;

/** The type within `Option` or `Vec`. */
const inner = (type) => type?.replace(/^(?:Option|Vec)\s*<\s*(.*)>$/, "$1").trim();

export function isNumber(parameter) {
  return NUMBER.test(inner(parameter?.type) ?? "") || ["integer", "number"].includes(parameter?.schema?.type);
}

/** The values that a parameter can have, if they are few. */
export function choices(parameter) {
  const { type, schema } = parameter ?? {};
  if (inner(type) === "bool" || schema?.type === "boolean") return ["true", "false"];
  const all = schema?.enum ?? (schema?.oneOf ?? []).flatMap((it) => it.enum ?? it.const ?? []);
  return all.filter((it) => it !== null).map(String);
}

/** The schema that a reference, a wrapper or a list stands for. */
export function resolve(schema, document, depth = 0) {
  if (schema == null || depth > 12) return schema;
  const { $ref, allOf, anyOf, items } = schema;
  const only = (anyOf ?? []).filter((it) => it.type !== "null");
  const next = $ref ? find(document, $ref) : allOf?.length === 1 ? allOf[0] : only.length === 1 ? only[0] : schema.type === "array" ? items : null;
  const { $ref: _, allOf: __, ...rest } = schema;
  return next ? { ...rest, ...resolve(next, document, depth + 1) } : schema;
}

/** A value that suits a schema of an OpenAPI document. */
export function ofSchema(schema, document, depth = 0) {
  if (schema == null || schema === true || depth > 12) return null;
  if (schema.$ref) return ofSchema(find(document, schema.$ref), document, depth + 1);
  for (const value of [schema.example, schema.examples?.[0], schema.default, schema.const, schema.enum?.[0]]) {
    if (value !== undefined) return value;
  }
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice) return ofSchema(choice[0], document, depth + 1);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => ofSchema(part, document, depth + 1)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "array") return schema.items ? [ofSchema(schema.items, document, depth + 1)] : [];
  if (type === "integer" || type === "number") return Math.max(1, schema.minimum ?? 1);
  if (type === "boolean") return true;
  if (type === "string") return ofFormat(schema.format);
  if (schema.properties || type === "object") {
    const values = Object.entries(schema.properties ?? {}).map(([name, part]) => [name, ofSchema(part, document, depth + 1)]);
    return Object.fromEntries(values);
  }
  return null;
}

function ofFormat(format) {
  switch (format) {
    case "date":
      return "2026-01-31";
    case "date-time":
      return "2026-01-31T12:00:00Z";
    case "uuid":
      return "4f0ad62c-6f5e-4f5c-9d7e-0a3c1f2b5d68";
    default:
      return "Ada";
  }
}

/** Follows a reference: `#/components/schemas/Order`. */
function find(document, reference) {
  const parts = reference.replace(/^#\//, "").split("/");
  return parts.reduce((value, part) => value?.[part.replaceAll("~1", "/").replaceAll("~0", "~")], document);
}
