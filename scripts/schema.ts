// Makes schema/twampede.schema.json, the JSON Schema of twampede.toml for editors, out of the options of the commands:
// deno run -A scripts/schema.ts, or bun scripts/schema.ts. With --check it says whether that file is what it would make.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { COMMON } from "../cli/config/file.ts";
import { defaultText } from "../cli/config/print.ts";
import { configurable, type Setting } from "../cli/config/settings.ts";
import type { Shape } from "../cli/shapes.ts";
import { createProgram } from "../cli/program.ts";

const FILE = fileURLToPath(new URL("../schema/twampede.schema.json", import.meta.url));

const TEXT: Shape = { type: "string" };
const TEXT_OR_NUMBER: Shape = { anyOf: [TEXT, { type: "number" }] };
/** `NAME:key=value`, or the same as a table. */
const SPEC: Shape = {
  anyOf: [TEXT, {
    type: "object",
    required: ["name"],
    properties: { name: { type: "string", minLength: 1 } },
    additionalProperties: { type: ["string", "number", "boolean"] },
  }],
};

/** The schema, as text. */
export function schemaText(): string {
  const commands = configurable(createProgram(() => {})).filter(({ settings }) => settings.length > 0);
  const sections = commands.map(({ name, aliases, settings }) => {
    const about = `Options of twampede ${name}${aliases.length === 0 ? "" : `, also called ${aliases.join(", ")}`}.`;
    const table = section(about, settings.map((setting) => [setting.key, described(setting)]));
    return [[name, table], ...aliases.map((alias) => [alias, { $ref: `#/properties/${name}` }])];
  }).flat();
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "twampede.toml",
    description:
      "Configuration of twampede: flag over environment over this file over default. See docs/configuration.md.",
    type: "object",
    properties: Object.fromEntries([[COMMON, common(commands.flatMap(({ settings }) => settings))], ...sections]),
    additionalProperties: false,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** What several commands have alike is described once; where they differ, each way is right. */
function common(all: readonly Setting[]): Shape {
  const ways = new Map<string, Map<string, Shape>>();
  for (const setting of all) {
    const shape = valueShape(setting);
    ways.set(setting.key, (ways.get(setting.key) ?? new Map()).set(JSON.stringify(shape), shape));
  }
  const properties = [...ways].map(([key, shapes]): [string, Shape] => {
    const { description } = all.find((setting) => setting.key === key) as Setting;
    return [key, { description, ...anyOf([...shapes.values()]) }];
  });
  return section("Options of all commands that have them; a command's own section goes before.", properties);
}

function section(description: string, properties: readonly [string, Shape][]): Shape {
  return { description, type: "object", properties: Object.fromEntries(properties), additionalProperties: false };
}

function described(setting: Setting): Shape {
  const { description, kind, defaultValue } = setting;
  const usual = kind === "flag" ? defaultValue === true : defaultText(setting);
  return { description, ...valueShape(setting), ...(usual === undefined ? {} : { default: asToml(usual) }) };
}

/** A default that is a number stands as a number. */
function asToml(value: unknown): unknown {
  return typeof value === "string" && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value) ? Number(value) : value;
}

function valueShape({ kind, isFile, isSpec, shape }: Setting): Shape {
  if (kind === "flag") return { type: "boolean" };
  const one = isFile ? TEXT : isSpec ? SPEC : shape ?? TEXT_OR_NUMBER;
  return kind === "list" ? anyOf([one, { type: "array", items: one }]) : one;
}

/** Each way once. */
function anyOf(shapes: readonly Shape[]): Shape {
  const flat = shapes.flatMap((shape) => (shape.anyOf as Shape[] | undefined) ?? [shape]);
  const ways = [...new Map(flat.map((shape) => [JSON.stringify(shape), shape])).values()];
  return ways.length === 1 ? ways[0] : { anyOf: ways };
}

if (import.meta.main) {
  const text = schemaText();
  if (!process.argv.includes("--check")) {
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(FILE, text);
  } else if (readFileSync(FILE, "utf8").replaceAll("\r\n", "\n") !== text) {
    console.error(`${FILE} is stale: run \`deno run -A scripts/schema.ts\` or \`bun scripts/schema.ts\``);
    process.exitCode = 1;
  }
}
