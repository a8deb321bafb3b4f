/** Which advice follows from what, on machines that we made up. */
import { test } from "node:test";
import assert from "node:assert/strict";
import type { Facts } from "../../../cli/doctor/facts.ts";
import { adviceFor, RULES } from "../../../cli/doctor/rules.ts";
import { GOOD, HARDWARE, lan, POOR, UNKNOWN } from "./facts.ts";

const ids = (facts: Facts) => adviceFor(facts).map(({ id }) => id);
const commandOf = (facts: Facts, id: string) => adviceFor(facts).find((advice) => advice.id === id)?.command;

test("a good machine gets no advice, and neither does one of which nothing is known", () => {
  assert.deepEqual(adviceFor(GOOD), []);
  assert.deepEqual(adviceFor(UNKNOWN), []);
});

test("a poor machine gets all that can be said at once, in the order of the table", () => {
  assert.deepEqual(ids(POOR), [
    "no-time-daemon",
    "clock-stepped",
    "clock-source",
    "governor",
    "busy",
    "held-up",
    "no-kernel-stamps",
    "no-transmit-stamps",
    "hardware-stamps",
    "receive-buffer",
    "send-buffer",
    "dropped",
    "port-862",
  ]);
});

test("each rule has an id of its own and ends its sentence", () => {
  assert.equal(new Set(RULES.map(({ id }) => id)).size, RULES.length);
  for (const { id, text } of adviceFor(POOR)) assert.match(text, /^[A-Z].*\.$/, id);
});

/** A machine that is good but for one thing, the rule that tells it, and the command. */
const CASES: readonly (readonly [id: string, facts: Facts, command: string | null])[] = [
  ["no-time-daemon", clocks({ daemons: [] }), "sudo timedatectl set-ntp true"],
  ["no-time-daemon", clocks({ daemons: [], systemd: false }), "sudo chronyd"],
  ["not-synchronised", clocks({}), "chronyc sources -v"],
  ["not-synchronised", clocks({ daemons: ["systemd-timesyncd"] }), "timedatectl timesync-status"],
  ["not-synchronised", clocks({ daemons: null }), null],
  [
    "clock-bound",
    clocks({ synchronisation: { synchronized: true, maxErrorNs: 25e6, estErrorNs: 1e6 } }),
    "chronyc sources -v",
  ],
  ["clock-stepped", { ...GOOD, clocks: { ...GOOD.clocks, steps: 1 } }, null],
  [
    "clock-source",
    { ...GOOD, clocks: { ...GOOD.clocks, source: "hpet" } },
    "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource",
  ],
  ["clock-source-slow", { ...GOOD, clocks: { ...GOOD.clocks, source: "hpet", sources: ["hpet"] } }, null],
  [
    "governor",
    { ...GOOD, host: { ...GOOD.host, governors: ["schedutil"] } },
    "sudo cpupower frequency-set -g performance",
  ],
  ["busy", { ...GOOD, host: { ...GOOD.host, load: 9 } }, "sudo chrt --fifo 10 twampede sender HOST"],
  [
    "no-system-calls",
    { ...GOOD, host: { ...GOOD.host, program: null }, transports: GOOD.transports.slice(1) },
    "./twampede doctor",
  ],
  ["loopback-down", { ...GOOD, interfaces: [lan({ name: "lo", state: "down" })] }, "sudo ip link set lo up"],
  ["no-kernel-stamps", { ...GOOD, stampsSeen: { receive: true, transmit: false } }, null],
  [
    "hardware-stamps",
    { ...GOOD, interfaces: [lan({ stamps: HARDWARE })] },
    "twampede sender HOST --timestamp hardware",
  ],
  ["port-862", privileges(GOOD.host.program), "sudo setcap cap_net_bind_service=+ep /usr/local/bin/twampede"],
  ["port-862", privileges("/home/a user/it's"), `sudo setcap cap_net_bind_service=+ep '/home/a user/it'\\''s'`],
  ["port-862", privileges(null), "sudo sysctl -w net.ipv4.ip_unprivileged_port_start=862"],
];

function clocks(changes: Partial<Facts["clocks"]>): Facts {
  const synchronisation = { synchronized: false, maxErrorNs: null, estErrorNs: null };
  return { ...GOOD, clocks: { ...GOOD.clocks, synchronisation, ...changes } };
}

function privileges(program: string | null): Facts {
  return { ...GOOD, host: { ...GOOD.host, program }, privileges: { ...GOOD.privileges, canBind862: false } };
}

CASES.forEach(([id, facts, command], i) => {
  test(`case ${i + 1}: ${id} alone, with its command`, () => {
    assert.deepEqual(ids(facts), [id]);
    assert.equal(commandOf(facts, id), command);
  });
});

test("stamps of interfaces that carry nothing, or of PTP alone, are no advice", () => {
  const down = lan({ state: "down", stamps: { ...HARDWARE, txSoftware: false } });
  const ptp = lan({ stamps: { ...HARDWARE, rxHardwareAll: false } });
  assert.deepEqual(ids({ ...GOOD, interfaces: [down, ptp] }), []);
});

test("a few dropped datagrams in a million are no advice", () => {
  const udp = { received: 1_000_000, receiveBufferErrors: 50, sendBufferErrors: 0 };
  assert.deepEqual(ids({ ...GOOD, buffers: { ...GOOD.buffers, udp } }), []);
});
