/**
 * Rules about clocks.
 *
 * @module
 */
import { plural } from "../plural.ts";
import type { Facts } from "./facts.ts";
import { span } from "./layout.ts";
import type { Rule } from "./rule.ts";

/** A clock that may be wrong by more than a delay is no use for one-way delays. */
const BOUND_NS = 10e6;

/** How to ask a time daemon what it does. */
const ASK: Readonly<Record<string, string>> = {
  chronyd: "chronyc sources -v",
  "systemd-timesyncd": "timedatectl timesync-status",
  ntpd: "ntpq -p",
  "ntpd-rs": "ntp-ctl status",
  openntpd: "ntpctl -s all",
  ptp4l: "pmc -u -b 0 'GET TIME_STATUS_NP'",
};

function ask({ clocks }: Facts): string | null {
  const daemon = clocks.daemons?.find((name) => ASK[name] !== undefined);
  return daemon === undefined ? null : ASK[daemon];
}

const isUnsynchronised = ({ clocks }: Facts) => clocks.synchronisation?.synchronized === false;

/** Clock sources that are read without leaving the program, best first. */
const QUICK_SOURCES = ["tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"];

const isSlowSource = ({ clocks: { source } }: Facts) => source !== null && !QUICK_SOURCES.includes(source);

const betterSource = ({ clocks }: Facts) => QUICK_SOURCES.find((name) => clocks.sources?.includes(name));

export const CLOCK_RULES: readonly Rule[] = [
  {
    id: "no-time-daemon",
    applies: (f) => isUnsynchronised(f) && f.clocks.daemons?.length === 0,
    text: () =>
      "Nothing keeps the wall clock right: round trips are true, one-way delays are wrong by as much as the clocks " +
      "differ. Install a time daemon and start it; chrony is the most precise without hardware.",
    command: (f) => f.clocks.systemd === true ? "sudo timedatectl set-ntp true" : "sudo chronyd",
  },
  {
    id: "not-synchronised",
    applies: (f) => isUnsynchronised(f) && f.clocks.daemons?.length !== 0,
    text: (f) =>
      `The wall clock is not synchronised${
        f.clocks.daemons === null ? "" : ` although ${f.clocks.daemons.join(" and ")} runs`
      }: one-way delays are wrong by as much as the clocks differ. See whether it reaches its time servers.`,
    command: ask,
  },
  {
    id: "clock-bound",
    applies: (f) => (f.clocks.synchronisation?.maxErrorNs ?? 0) > BOUND_NS,
    text: (f) =>
      `The wall clock may be wrong by ${
        span(f.clocks.synchronisation!.maxErrorNs)
      }, and one-way delays with it: a time ` +
      "server that is nearer, or chrony instead of a simpler daemon, brings that down.",
    command: ask,
  },
  {
    id: "clock-stepped",
    applies: (f) => (f.clocks.steps ?? 0) > 0,
    text: (f) =>
      `The wall clock was set ${
        plural(f.clocks.steps!, "time")
      } during this command: a daemon that slews it, or a host that ` +
      "leaves it alone, is needed for one-way delays.",
  },
  {
    id: "clock-source",
    applies: (f) => isSlowSource(f) && betterSource(f) !== undefined,
    text: (f) =>
      `Every reading of the clock asks ${f.clocks.source}, which is slow; ${betterSource(f)} is there and is not.`,
    command: (f) =>
      `echo ${betterSource(f)} | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource`,
  },
  {
    id: "clock-source-slow",
    applies: (f) => isSlowSource(f) && betterSource(f) === undefined,
    text: (f) =>
      `Every reading of the clock asks ${f.clocks.source}, which is slow, and there is no better source here: another ` +
      "machine, or another setting of the hypervisor, has the processor's own counter (tsc).",
  },
];
