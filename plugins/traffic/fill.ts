/**
 * What the padding of a probe consists of: the option `fill` of every profile.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import type { OptionSpec, PacketShape, PluginOptions, TrafficProfile } from "../../core/plugin.ts";
import { createRandom } from "../../core/random.ts";

export const FILLS = ["zeros", "pattern", "random"] as const;

export const FILL_OPTION: OptionSpec = {
  name: "fill",
  type: "string",
  choices: FILLS,
  default: "zeros",
  summary: "what pads a probe: zeros, octets counting up from 00, or seeded random octets that do not compress",
};

type Fill = TrafficProfile["fill"];

/** The `fill` of a profile. What it writes depends on `seq` and on the distance from `at` alone. */
export function createFill(options: PluginOptions, packet: PacketShape): Fill {
  switch (options.fill ?? "zeros") {
    case "zeros":
      return fillZeros;
    case "pattern":
      return fillPattern;
    case "random":
      return createRandomFill(packet.seed);
  }
  throw new OptionError(`fill '${options.fill}' is unknown: give ${FILLS.join(", ")}`);
}

/** `name` with `options` and with the fill if it is not the default, as it can be given to `--profile` again. */
export function profileName(name: string, options: readonly string[], { fill }: PluginOptions): string {
  const shown = fill === undefined || fill === "zeros" ? options : [...options, `fill=${fill}`];
  return shown.length === 0 ? name : `${name}:${shown.join(",")}`;
}

function fillZeros(bytes: Uint8Array, at: number, end: number): void {
  bytes.fill(0, at, end);
}

function fillPattern(bytes: Uint8Array, at: number, end: number): void {
  for (let i = at; i < end; i++) bytes[i] = i - at;
}

function createRandomFill(seed: Uint8Array): Fill {
  const random = createRandom(seed, "fill");
  return (bytes, at, end, seq) => {
    random.restart(seq);
    random.fill(bytes, at, end);
  };
}
