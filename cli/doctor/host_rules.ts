/**
 * Rules about the machine: whether this program is on a processor when it should be.
 *
 * @module
 */
import type { Facts } from "./facts.ts";
import { span } from "./layout.ts";
import type { Rule } from "./rule.ts";

/** A wait that ends later than this for one probe in a hundred. */
const LATE_NS = 200_000;

/** The wait that depends on nothing but whether this program is on a processor. */
const spinning = ({ waiting }: Facts) => waiting.find((one) => one.how === "spin")?.p99Ns ?? null;

const hasSystemCalls = ({ transports }: Facts) => transports.some((one) => one.transport === "ffi" && one.works);

export const HOST_RULES: readonly Rule[] = [
  {
    id: "governor",
    applies: (f) => f.host.governors?.some((governor) => governor !== "performance") ?? false,
    text: (f) =>
      `The processors change their frequency (governor ${
        f.host.governors!.join(", ")
      }): the first work after a pause ` +
      "is slow, and each probe comes after a pause.",
    command: () => "sudo cpupower frequency-set -g performance",
  },
  {
    id: "busy",
    applies: (f) => f.host.load !== null && f.host.processors !== null && f.host.load > f.host.processors,
    text: (f) =>
      `The machine is busy (load ${f.host.load!.toFixed(1)} on ${f.host.processors} processors): probes wait for a ` +
      "processor. Measure when less runs here, or with priority.",
    command: () => "sudo chrt --fifo 10 twampede sender HOST",
  },
  {
    id: "held-up",
    applies: (f) => (spinning(f) ?? 0) > LATE_NS,
    text: (f) =>
      `Even a program that never waits was held up for ${span(spinning(f))} or more once in a hundred times: other ` +
      `programs${f.host.virtual === true ? ", or other guests of this machine's host," : ""} take its processor. ` +
      "Trust medians more than the 99th percentile here.",
  },
  {
    id: "no-system-calls",
    applies: (f) => f.host.system === "linux" && !hasSystemCalls(f),
    text: () =>
      "No system calls from here: stamps are taken in user space, later and less evenly, and TOS, Don't Fragment and " +
      "the TTL of what arrives are out of reach. Let the runtime call libc, or use the executable.",
    command: (f) => f.host.program === null ? "./twampede doctor" : null,
  },
];
