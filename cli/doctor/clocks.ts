/**
 * Clocks: what a reading is worth and what it costs, and whether anything keeps the wall clock right.
 *
 * @module
 */
import type { Clock } from "../../core/time/clock.ts";
import type { Machine, SystemClock } from "../../plugins/transport/ffi/machine.ts";
import { plural } from "../plural.ts";
import type { ClockFacts, ClockReading } from "./facts.ts";
import { grid, notKnown, row, section, span, UNREADABLE } from "./layout.ts";
import { readFolder, readText } from "./read.ts";

/** Readings of each clock; and for so long at the least: `Date.now()` has to be seen moving, and code to become quick. */
const CHUNKS = 20;
const CHUNK = 100;
const LOOK_MS = 10;

/** The name of a process, cut to the 15 octets that the kernel keeps, and what people call the program. */
const DAEMONS: Readonly<Record<string, string>> = {
  chronyd: "chronyd",
  "systemd-timesyn": "systemd-timesyncd",
  ntpd: "ntpd",
  "ntpd-rs": "ntpd-rs",
  "ntp-daemon": "ntpd-rs",
  openntpd: "openntpd",
  ptp4l: "ptp4l",
  phc2sys: "phc2sys",
  timemaster: "timemaster",
};

const SOURCE = "/sys/devices/system/clocksource/clocksource0";

/** So that a double keeps the nanoseconds. */
const BASE_MS = Date.now();

/** The clocks that every runtime has. */
const RUNTIME: readonly SystemClock[] = [
  { name: "performance.now()", resolutionNs: null, read: () => performance.now() * 1e6 },
  { name: "Date.now()", resolutionNs: 1e6, read: () => (Date.now() - BASE_MS) * 1e6 },
];

/** Starts to watch the wall clock; what it returns reads the rest and ends that. */
export function watchClocks(machine: Machine | undefined, clock: Clock): () => ClockFacts {
  const begun = clock.mono();
  const stepsBefore = clock.steps ?? null;
  return () => {
    const watchedNs = clock.mono() - begun;
    return {
      readings: [...machine?.clocks ?? [], ...RUNTIME].map(timeReadings),
      synchronisation: machine?.synchronisation() ?? null,
      daemons: findDaemons(),
      systemd: isSystemd(),
      source: readText(`${SOURCE}/current_clocksource`),
      sources: readText(`${SOURCE}/available_clocksource`)?.split(/\s+/) ?? null,
      steps: stepsBefore === null ? null : (clock.steps ?? 0) - stepsBefore,
      watchedNs,
    };
  };
}

/** The cost is that of the quickest chunk: what holds this program up meanwhile is none of the clock's. */
function timeReadings(clock: SystemClock): ClockReading {
  const begun = performance.now();
  let last = clock.read();
  let step = Infinity;
  let costNs = Infinity;
  for (let chunk = 0, now = begun; chunk < CHUNKS || now - begun < LOOK_MS; chunk++) {
    const before = now;
    for (let i = 0; i < CHUNK; i++) {
      const reading = clock.read();
      if (reading > last && reading - last < step) step = reading - last;
      last = reading;
    }
    now = performance.now();
    costNs = Math.min(costNs, (now - before) * 1e6 / CHUNK);
  }
  return { name: clock.name, resolutionNs: clock.resolutionNs, stepNs: step === Infinity ? null : step, costNs };
}

function findDaemons(): string[] | null {
  const processes = readFolder("/proc")?.filter((name) => /^\d+$/.test(name));
  if (processes === undefined) return null;
  const names = processes.map((id) => DAEMONS[readText(`/proc/${id}/comm`) ?? ""]).filter((name) => name !== undefined);
  return [...new Set(names)].sort();
}

function isSystemd(): boolean | null {
  const run = readFolder("/run/systemd");
  return run === null ? (readFolder("/run") === null ? null : false) : run.includes("system");
}

/** As text. */
export function clockLines(clocks: ClockFacts, unknown: string | null): string[] {
  const { synchronisation, daemons, source, sources, steps, watchedNs } = clocks;
  const others = sources?.filter((name) => name !== source) ?? [];
  return section("Clocks", [
    ...grid([
      ["", "claimed resolution", "smallest step seen", "a reading costs"],
      ...clocks.readings.map((one) => [one.name, span(one.resolutionNs), span(one.stepNs), span(one.costNs)]),
    ], [1, 2, 3]),
    ...row("synchronised", synchronisation === null ? notKnown(unknown) : synchronisationText(synchronisation)),
    ...row(
      "time daemon",
      daemons === null ? notKnown("processes cannot be listed") : daemons.join(", ") || "none seen",
    ),
    ...row(
      "clock source",
      source === null
        ? notKnown(UNREADABLE)
        : `${source}${others.length === 0 ? "" : ` (also available: ${others.join(", ")})`}`,
    ),
    ...row(
      "wall clock",
      steps === null
        ? notKnown("this clock does not tell")
        : `${steps === 0 ? "not set" : `set ${plural(steps, "time")}`} in the ${
          (watchedNs / 1e9).toFixed(1)
        }s of this command`,
    ),
  ]);
}

function synchronisationText(
  { synchronized, maxErrorNs, estErrorNs }: NonNullable<ClockFacts["synchronisation"]>,
): string {
  if (!synchronized) return "no: the kernel says that nothing keeps the wall clock right; its error is unknown";
  return `yes: wrong by at most ${span(maxErrorNs)} (the kernel's bound), about ${span(estErrorNs)} (its estimate)`;
}
