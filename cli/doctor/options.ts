/**
 * Socket options that work, as far as loopback can show it.
 *
 * @module
 */
import type { OptionTrial } from "../../plugins/transport/ffi/machine.ts";
import { grid, notKnown, section, sentence } from "./layout.ts";

const SEEN = { datagram: "seen working", socket: "taken by the socket" } as const;

/** As text. */
export function optionLines(options: readonly OptionTrial[] | null, unknown: string | null): string[] {
  return section(
    "Socket options, tried on loopback",
    options === null ? sentence(notKnown(unknown)) : grid(
      options.map(({ what, option, seen, error }) => [what, option, seen === null ? `NO: ${error}` : SEEN[seen]]),
    ),
  );
}
