/**
 * Whether something that somebody wrote is a plugin: what a file exports is believed in nothing.
 *
 * @module
 */
import type { OptionSpec, Plugin } from "./plugin.ts";
import { closest, parsePluginOptions } from "./plugin_options.ts";

/** The version of the interface in `plugin.ts` that this program has. */
export const PLUGIN_API = 1;
/** What a plugin can be. */
export const PLUGIN_KINDS = ["output", "traffic", "schedule", "transport", "tlv"] as const;
/** As it stands in `--output mine:key=value`. */
const NAME = /^[a-z][a-z0-9-]{0,31}$/;
/** As it stands behind the colon; built-in ones are written `maxSize`. */
const KEY = /^[a-zA-Z][a-zA-Z0-9-]{0,31}$/;
const OPTION_TYPES = ["string", "number", "duration", "size", "boolean"];
/** Words of the command line that stand where a name of that kind does. */
const RESERVED: Readonly<Record<string, readonly string[]>> = { transport: ["auto"], tlv: ["hmac"] };
/** Of RFC 8972 section 5.1: 0 and 255 are reserved. */
const LAST_TLV = 254;

/** What is wrong with `value` as a plugin, as the end of a sentence that begins with its file; undefined if nothing is. */
export function pluginFault(value: unknown): string | undefined {
  try {
    return fault(value);
  } catch (error) {
    return `cannot be looked at: ${error instanceof Error ? error.message : "a property throws"}`;
  }
}

/** The same as a type guard. */
export function isPlugin(value: unknown): value is Plugin {
  return pluginFault(value) === undefined;
}

function fault(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) {
    return `is ${show(value)}: a plugin is an object { api, kind, name, summary, options, create }`;
  }
  const { api, kind, name, summary, options, create } = value as Record<string, unknown>;
  if (api === undefined) return `has no api: write api: ${PLUGIN_API}`;
  if (api !== PLUGIN_API) return `has api ${show(api)}, but this program supports ${PLUGIN_API}`;
  const kinds: readonly string[] = PLUGIN_KINDS;
  if (kind === undefined) return `has no kind: write one of ${kinds.join(", ")}`;
  if (typeof kind !== "string" || !kinds.includes(kind)) {
    return `has kind ${show(kind)}: write one of ${kinds.join(", ")}${meant(kind, kinds)}`;
  }
  if (name === undefined) return "has no name";
  if (typeof name !== "string" || !NAME.test(name)) {
    return `has name ${show(name)}: write lower-case letters, digits and hyphens, a letter first, 32 at most`;
  }
  if (RESERVED[kind]?.includes(name)) return `has name '${name}', which means something else there: choose another`;
  if (typeof summary !== "string" || summary === "" || /[\r\n]/.test(summary)) {
    return `has summary ${show(summary)}: write one line of text`;
  }
  if (!Array.isArray(options)) return `has options ${show(options)}: write an array, [] for none`;
  const wrong = optionsFault(options, kind) ??
    (typeof create === "function" ? undefined : functionFault("create", create));
  return wrong ?? kindFault(value as Record<string, unknown>, kind);
}

function functionFault(field: string, value: unknown): string {
  return value === undefined ? `has no ${field}: write a function` : `has ${field} ${show(value)}: write a function`;
}

function kindFault(value: Record<string, unknown>, kind: string): string | undefined {
  if (kind === "output") {
    const { createGroup } = value;
    return createGroup === undefined || typeof createGroup === "function"
      ? undefined
      : functionFault("createGroup", createGroup);
  }
  if (kind !== "tlv") return undefined;
  const { type, answer } = value as { type: unknown; answer: Record<string, unknown> | undefined };
  if (typeof type !== "number" || !Number.isInteger(type) || type < 1 || type > LAST_TLV) {
    return `has type ${show(type)}: write the TLV's number, 240 to 251 for experiments (RFC 8972 section 5.1)`;
  }
  if (answer === undefined) return undefined;
  if (typeof answer !== "object" || answer === null) return `has answer ${show(answer)}: write { type, reflect }`;
  if (answer.type !== type) return `has answer.type ${show(answer.type)}, and type ${type}: they are the same`;
  return typeof answer.reflect === "function" ? undefined : functionFault("answer.reflect", answer.reflect);
}

function optionsFault(options: readonly unknown[], kind: string): string | undefined {
  const names = new Set(kind === "output" ? ["file"] : []);
  for (const [i, option] of options.entries()) {
    const where = `options[${i}]`;
    if (typeof option !== "object" || option === null) {
      return `has ${where} ${show(option)}: write { name, type, summary }`;
    }
    const { name, type, summary, choices } = option as Record<string, unknown>;
    if (typeof name !== "string" || !KEY.test(name)) {
      return `has ${where}.name ${show(name)}: write letters, digits and hyphens, a letter first, 32 at most`;
    }
    if (names.has(name)) {
      return name === "file" && kind === "output"
        ? `has ${where}.name 'file', which every output has already: leave it out`
        : `has ${where}.name '${name}' a second time: choose another`;
    }
    names.add(name);
    if (typeof type !== "string" || !OPTION_TYPES.includes(type)) {
      return `has ${where}.type ${show(type)}: write one of ${OPTION_TYPES.join(", ")}${meant(type, OPTION_TYPES)}`;
    }
    if (typeof summary !== "string" || summary === "" || /[\r\n]/.test(summary)) {
      return `has ${where}.summary ${show(summary)}: write one line of text`;
    }
    const ofTexts = Array.isArray(choices) && choices.length > 0 && choices.every((one) => typeof one === "string");
    if (choices !== undefined && (!ofTexts || type !== "string")) {
      return `has ${where}.choices ${show(choices)}: write an array of texts, of an option whose type is string`;
    }
    const wrong = defaultFault(option as OptionSpec, where);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

const SORT = { string: "string", number: "number", duration: "number", size: "number", boolean: "boolean" };

/** A default may be what the user would type, or the value that comes of it. */
function defaultFault(option: OptionSpec, where: string): string | undefined {
  const { name, type, default: preset } = option;
  if (preset === undefined) return undefined;
  const has = `has ${where}.default ${show(preset)}`;
  if (typeof preset !== "string") {
    if (typeof preset === "number" && !Number.isFinite(preset)) return `${has}: write a finite number`;
    const sort: string = typeof preset;
    return sort === SORT[type] ? undefined : `${has}, but its type is ${type}`;
  }
  try {
    const alone = { api: 1 as const, name, summary: "", options: [option] };
    parsePluginOptions("", name, [alone]);
    return undefined;
  } catch (error) {
    return `${has}: ${(error as Error).message.replace(/^.*?: /, "")}`;
  }
}

function meant(word: unknown, words: readonly string[]): string {
  const close = typeof word === "string" ? closest(word, words) : undefined;
  return close === undefined ? "" : ` (did you mean ${close}?)`;
}

/** A value in a line for people, whatever it is. */
function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "string") {
    return value.length > 40 ? `'${value.slice(0, 40)}…'` : `'${value.replace(/\s/g, " ")}'`;
  }
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "function") return "a function";
  return Array.isArray(value) ? "an array" : "an object";
}
