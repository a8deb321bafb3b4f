/**
 * `plugins`: what is built in, with the options of each.
 *
 * @module
 */
import type { Plugin } from "../../core/plugin.ts";
import { OUTPUTS } from "../../outputs/mod.ts";
import { SCHEDULES } from "../../plugins/schedule/mod.ts";
import { TLVS } from "../../plugins/tlv/mod.ts";
import { TRAFFIC } from "../../plugins/traffic/mod.ts";
import { TRANSPORTS } from "../../plugins/transport/mod.ts";

const KINDS: readonly (readonly [heading: string, plugins: readonly Plugin[]])[] = [
  ["Outputs (--output NAME[:key=value,...], file=PATH for each)", OUTPUTS],
  ["Traffic profiles (--profile NAME[:key=value,...])", TRAFFIC],
  ["Schedules (--schedule NAME[:key=value,...])", SCHEDULES],
  ["STAMP extensions (--tlv NAME[:key=value,...])", TLVS],
  ["Transports (--transport NAME)", TRANSPORTS],
];

/** Of the longest name. */
const NAME = Math.max(...KINDS.flatMap(([, plugins]) => plugins.map(({ name }) => name.length)));

/** The list as lines; a transport that does not work here says so. */
export function pluginLines(): string[] {
  return KINDS.flatMap(([heading, plugins]) => ["", heading, ...plugins.flatMap(describe)]).slice(1);
}

function describe(plugin: Plugin): string[] {
  const works = plugin.kind !== "transport" || plugin.create({}).probe() !== undefined;
  const options = plugin.options.map((option) => {
    const choices = option.choices === undefined ? option.type : option.choices.join("|");
    const preset = option.default === undefined ? "" : ` (${option.default})`;
    return `      ${`${option.name}=${choices}${preset}`.padEnd(30)} ${option.summary}`;
  });
  return [`  ${plugin.name.padEnd(NAME)} ${plugin.summary}${works ? "" : " [not on this runtime]"}`, ...options];
}
