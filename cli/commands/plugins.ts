/**
 * `plugins`: what is built in and what was loaded, with the options of each.
 *
 * @module
 */
import type { Plugin } from "../../core/plugin.ts";
import { registry } from "../plugins/registry.ts";
import { isWorking } from "../transports.ts";

const KINDS: readonly (readonly [heading: string, kind: Plugin["kind"]])[] = [
  ["Outputs (--output NAME[:key=value,...], file=PATH for each)", "output"],
  ["Traffic profiles (--profile NAME[:key=value,...])", "traffic"],
  ["Schedules (--schedule NAME[:key=value,...])", "schedule"],
  ["STAMP extensions (--tlv NAME[:key=value,...])", "tlv"],
  ["Transports (--transport NAME[:key=value,...])", "transport"],
];

/** The list as lines; a transport that does not work here says so, and what is from a file says from which. */
export function pluginLines(): string[] {
  const width = Math.max(...KINDS.flatMap(([, kind]) => registry.of(kind).map(({ name }) => name.length)));
  return KINDS.flatMap(([heading, kind]) => [
    "",
    heading,
    ...registry.of(kind).flatMap((plugin) => describe(plugin, width)),
  ]).slice(1);
}

function describe(plugin: Plugin, width: number): string[] {
  const works = plugin.kind !== "transport" || isWorking(plugin);
  const file = registry.fileOf(plugin);
  const options = plugin.options.map((option) => {
    const choices = option.choices === undefined ? option.type : option.choices.join("|");
    const preset = option.default === undefined ? "" : ` (${option.default})`;
    return `      ${`${option.name}=${choices}${preset}`.padEnd(30)} ${option.summary}`;
  });
  const notes = `${works ? "" : " [not on this runtime]"}${file === undefined ? "" : ` [from ${file}]`}`;
  return [`  ${plugin.name.padEnd(width)} ${plugin.summary}${notes}`, ...options];
}
