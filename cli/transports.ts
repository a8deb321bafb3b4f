/**
 * Which transport a command uses: the one asked for, or the best that can do what was asked.
 *
 * @module
 */
import { OptionError } from "../core/errors.ts";
import type { SocketOptions, Transport } from "../core/transport.ts";
import { parsePluginOptions } from "../core/plugin_options.ts";
import type { TransportPlugin } from "../core/plugin.ts";
import { TRANSPORTS } from "../plugins/transport/mod.ts";
import { canSetTos, canSetTtl, NEEDS } from "../plugins/transport/refusal.ts";
import { registry } from "./plugins/registry.ts";

/** What a transport of `--plugin` wraps: `auto` would have taken it. */
const inside = new WeakMap<Transport, Transport>();

/** The transport at the bottom: the one that has a socket of the system. */
export function underneath(transport: Transport): Transport {
  const inner = inside.get(transport);
  return inner === undefined ? transport : underneath(inner);
}

/** Whether it can be used here. One that needs options may, for all that is known. */
export function isWorking(plugin: TransportPlugin): boolean {
  if (registry.fileOf(plugin) === undefined) return plugin.create({}).probe() !== undefined;
  return true;
}

/** Chooses by name or `auto`; `explicit` has only what the user gave. Says which transport can, if this one cannot. */
export function chooseTransport(name: string, explicit: SocketOptions): Transport {
  const loaded = fromFile(name);
  return loaded === undefined ? chooseBuiltIn(name, explicit) : createFromFile(name, loaded, explicit);
}

/** The plugin of a file that `text` names, if it names one. */
function fromFile(text: string): TransportPlugin | undefined {
  const name = text.split(":")[0];
  return registry.transports.find((plugin) => plugin.name === name && registry.fileOf(plugin) !== undefined);
}

function createFromFile(text: string, { name, create }: TransportPlugin, explicit: SocketOptions): Transport {
  const { options } = parsePluginOptions("--transport", text, registry.transports);
  const inner = chooseBuiltIn("auto", explicit);
  const made = create(options, inner);
  const can = made.probe();
  if (can === undefined) throw new OptionError(`--transport '${name}' does not work here${because(made)}`);
  const lacking = NEEDS.filter((need) => need.asked(explicit) && !need.can(can, explicit)).map((need) => need.what);
  if (lacking.length > 0) throw new OptionError(`the ${name} transport cannot ${lacking.join(" and ")}: leave it out`);
  inside.set(made, inner);
  return made;
}

function chooseBuiltIn(name: string, explicit: SocketOptions): Transport {
  const all = TRANSPORTS.map((plugin) => plugin.create({}));
  const working = all.filter((transport) => transport.probe() !== undefined);
  const loaded = registry.transports.slice(TRANSPORTS.length).map((plugin) => plugin.name);
  const names = [...working.map((transport) => transport.name), ...loaded].join(", ");
  const wanted = name === "auto" ? working : working.filter((transport) => transport.name === name);
  if (wanted.length === 0) {
    const missing = all.find((transport) => transport.name === name);
    const why = missing === undefined ? "does not exist" : `does not work here${because(missing)}`;
    throw new OptionError(`--transport '${name}' ${why}; there is: auto, ${names}`);
  }
  const asked = NEEDS.filter((need) => need.asked(explicit));
  const able = working.filter((transport) => asked.every((need) => need.can(transport.probe()!, explicit)));
  const chosen = able.find((transport) => wanted.includes(transport));
  if (chosen !== undefined) return chosen;
  const lacking = asked.filter((need) => !wanted.some((transport) => need.can(transport.probe()!, explicit)));
  const what = (lacking.length > 0 ? lacking : asked).map((need) => need.what).join(" and ");
  if (able.length === 0) {
    const single = { ...explicit, dualStack: false };
    const instead = explicit.dualStack && working.some((t) => asked.every((need) => need.can(t.probe()!, single)))
      ? " on a socket for IPv4 and IPv6: add -4, or give one address"
      : ": leave it out";
    const absent = all.find(({ missing }) => missing !== undefined);
    const other = absent === undefined ? "" : `; the ${absent.name} transport does not work here${because(absent)}`;
    throw new OptionError(`no transport here (${names}) can ${what}${instead}${other}`);
  }
  const others = able.map((transport) => transport.name).join(" or ");
  throw new OptionError(`the ${name} transport cannot ${what}: use --transport ${others}`);
}

/** ` (no libc found)`, where a transport says why it does not work. */
function because({ missing }: Transport): string {
  return missing === undefined ? "" : ` (${missing})`;
}

/** What is lost where `auto` could not take the best transport; nothing where it could, or was not asked to. */
export function degraded(name: string, chosen: Transport): string[] {
  const best = TRANSPORTS[0].create({});
  if (name !== "auto" || chosen.name === best.name || best.probe() !== undefined) return [];
  return [
    `the ${best.name} transport does not work here${because(best)}: the ${chosen.name} transport stamps in user space`,
  ];
}

/** What is set on a socket: what was asked, and of the defaults what this transport can; the rest is named. */
export function withDefaults(
  explicit: SocketOptions,
  defaults: { readonly tos: number; readonly ttl: number },
  transport: Transport,
): { options: SocketOptions; notes: string[] } {
  const can = transport.probe()!;
  const tos = explicit.tos ?? (canSetTos(can, explicit) ? defaults.tos : undefined);
  const ttl = explicit.ttl ?? (canSetTtl(can, explicit) ? defaults.ttl : undefined);
  const unset = [
    tos === undefined ? `TOS 0x${defaults.tos.toString(16)}` : "",
    ttl === undefined ? `TTL ${defaults.ttl}` : "",
  ].filter((text) => text !== "");
  const notes = unset.length === 0
    ? []
    : [`${unset.join(" and ")} (default) not set: the ${transport.name} transport cannot, the system decides`];
  return { options: { ...explicit, tos, ttl }, notes };
}
