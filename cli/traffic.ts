/**
 * How large probes are and when they leave, from what the user said.
 *
 * @module
 */
import { OptionError } from "../core/errors.ts";
import type { PacketShape, Schedule, TrafficProfile } from "../core/plugin.ts";
import { parsePluginOptions } from "../core/plugin_options.ts";
import { MOST_IN_FLIGHT } from "../core/session/window.ts";
import type { Nanos } from "../core/time/clock.ts";
import { formatDuration } from "../core/time/duration.ts";
import { registry } from "./plugins/registry.ts";

/** The traffic profile. `--padding -1` is IMIX, as with twampy; any other is the fixed profile's. */
export function createTraffic(
  { padding, profile }: { readonly padding: number | undefined; readonly profile: string | undefined },
  packet: PacketShape,
): TrafficProfile {
  if (padding !== undefined && profile !== undefined) {
    throw new OptionError(`--padding '${padding}' and --profile '${profile}' both say how large probes are: give one`);
  }
  const text = profile ?? (padding === -1 ? "imix" : padding === undefined ? "fixed" : `fixed:padding=${padding}`);
  const { plugin, options } = parsePluginOptions("--profile", text, registry.traffic);
  return plugin.create(options, packet);
}

/** The schedule. */
export function createSchedule(text: string, interval: Nanos, seed: Uint8Array): Schedule {
  const { plugin, options } = parsePluginOptions("--schedule", text, registry.schedules);
  return plugin.create(options, interval, seed);
}

/** Every probe in flight is remembered; without replies that is all of a timeout. */
export function refuseTooManyInFlight(
  { interval, packetTimeout }: { readonly interval: Nanos; readonly packetTimeout: Nanos },
  count: number,
): void {
  if (Math.min(count, packetTimeout / interval) <= MOST_IN_FLIGHT) return;
  throw new OptionError(
    `--interval ${formatDuration(interval)} and --packet-timeout ${formatDuration(packetTimeout)} leave more ` +
      `than ${MOST_IN_FLIGHT} probes in flight: make the interval longer or the timeout shorter`,
  );
}
