/** A card that stamps, made up: what it is asked, what is said where it cannot, and what its stamps become. */
import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { SlotFlag } from "../../../../core/batch.ts";
import type { TransportError } from "../../../../core/errors.ts";
import { Card } from "../../../../plugins/transport/ffi/linux/card.ts";
import { CardClock } from "../../../../plugins/transport/ffi/linux/card_clock.ts";
import { askStampInfo, describeStamps, switchOn } from "../../../../plugins/transport/ffi/linux/ethtool.ts";
import { openLibc } from "../../../../plugins/transport/ffi/linux/libc.ts";
import { readStamp } from "../../../../plugins/transport/ffi/linux/messages.ts";
import { card, EACCES, ENOENT, EOPNOTSUPP, EPERM, ERANGE, type FakeCard, fakeLibc } from "./fake_libc.ts";

const real = process.platform === "linux" ? openLibc() : "not Linux";
const clock = { mono: () => 0, wall: () => {}, errorEstimate: 0, steps: 0 };

function opened(fake: FakeCard, name = "eth7") {
  const { libc, now } = fakeLibc(fake);
  return { card: new Card(libc, 5, name, clock), now };
}

test("a card that is off is switched on, for all packets and both ways; its clock is opened before", () => {
  const fake = card();
  const { card: made } = opened(fake);
  assert.deepEqual([made.interface, made.phc, made.jumps], ["eth7", "ptp3", 0]);
  assert.deepEqual(fake.log, [
    "ioctl 8946 eth7",
    "open /dev/ptp3",
    "ioctl 89b1 eth7",
    "ioctl 89b0 eth7",
    "set 0 1 1",
  ]);
});

test("one that is on is left alone, and what others switched on stays", () => {
  for (const tx of [1, 2]) {
    const fake = card({ config: { tx, rx: 1 } });
    opened(fake);
    assert.ok(!fake.log.some((line) => line.startsWith("set")), `tx type ${tx}`);
  }
  const oneStep = card({ config: { tx: 2, rx: 12 } });
  opened(oneStep);
  assert.ok(oneStep.log.includes("set 0 2 1"), "one-step transmission stays");
  const mute = card({ getErrno: EOPNOTSUPP });
  opened(mute);
  assert.ok(mute.log.includes("set 0 1 1"), "a driver that can be told and not asked");
});

const REFUSALS: [string, Partial<FakeCard>, string, RegExp][] = [
  [
    "kernel stamps alone",
    { timestamping: 2 | 8 | 16, txTypes: 0, rxFilters: 0, phc: -1 },
    "unsupported",
    /^eth7 has no hardware time stamps \(it offers: kernel\): use --timestamp kernel$/,
  ],
  ["no stamps at all", { timestamping: 0, txTypes: 0, rxFilters: 0 }, "unsupported", /\(it offers: none\)/],
  ["PTP only", { rxFilters: 0x1001 }, "unsupported", /\(it offers: kernel, hardware for PTP packets only\)/],
  ["no way out", { txTypes: 1 }, "unsupported", /\(it offers: kernel, hardware for packets in only\)/],
  ["no way in", { rxFilters: 1 }, "unsupported", /\(it offers: kernel, hardware for packets out only\)/],
  ["no clock", { phc: -1 }, "unsupported", /^eth7 has hardware time stamps, and no clock to read them by: use/],
  [
    "no privilege",
    { setErrno: EPERM },
    "permission",
    /^the time stamps of eth7 are off.* CAP_NET_ADMIN.*: hwstamp_ctl -i eth7 -t 1 -r 1$/,
  ],
  ["a refusal", { setErrno: ERANGE }, "unsupported", /^eth7 does not stamp all packets.*\(ERANGE\): use/],
  ["another refusal", { setErrno: EOPNOTSUPP }, "unsupported", /\(EOPNOTSUPP\): use --timestamp kernel$/],
  ["another filter than asked", { driverFilter: 12 }, "unsupported", /^eth7 does not stamp all packets/],
  ["a closed clock", { openErrno: EACCES }, "permission", /^\/dev\/ptp3, the clock of eth7, may not be read/],
  [
    "a clock elsewhere",
    { openErrno: ENOENT },
    "unsupported",
    /^\/dev\/ptp3, the clock of eth7, is not here.*container/,
  ],
  ["no such interface", { name: "eth8" }, "not-local", /^--interface 'eth7' does not exist/],
];

for (const [what, changes, code, line] of REFUSALS) {
  test(`refused in one line: ${what}`, () => {
    const fake = card(changes);
    assert.throws(() => opened(fake), (error: TransportError) => {
      assert.equal(error.code, code);
      assert.match(error.message, line);
      return !error.message.includes("\n");
    });
    const count = (word: string) => fake.log.filter((entry) => entry.startsWith(word)).length;
    assert.equal(count("close ptp"), fake.openErrno ? 0 : count("open"), "nothing stays open");
  });
}

/** `struct scm_timestamping`: three timespecs of 64-bit words. */
function stamps(software: bigint, hardware: bigint): Uint32Array {
  const view = new DataView(new ArrayBuffer(48));
  view.setBigUint64(0, software / 1_000_000_000n, true);
  view.setBigUint64(8, software % 1_000_000_000n, true);
  view.setBigUint64(32, hardware / 1_000_000_000n, true);
  view.setBigUint64(40, hardware % 1_000_000_000n, true);
  return new Uint32Array(view.buffer);
}

function read(words: Uint32Array, of: Card | undefined): { ns: bigint; flags: number } {
  const out = new Uint32Array(4);
  const flags = new Uint8Array(2);
  readStamp(words, 0, out, flags, 1, of?.clock);
  return { ns: BigInt(out[2]) * 1_000_000_000n + BigInt(out[3]), flags: flags[1] };
}

const near = (got: bigint, expected: bigint, what: string) => {
  const off = Number(got - expected);
  assert.ok(Math.abs(off) < 1000, `${what}: off by ${off} ns`);
};

for (
  const [what, time] of [
    ["TAI", (system: bigint) => system + 37_000_000_000n],
    ["the time since it was switched on", (system: bigint) => system - 1_795_183_809_500_000_000n],
    ["100 ppm too fast", (system: bigint) => system + (system - 1_795_183_810_000_000_000n) / 10_000n],
  ] as const
) {
  test(`stamps of a card that counts ${what} become system time`, () => {
    const fake = card({ time });
    const { card: made, now } = opened(fake);
    for (let i = 0; i < 50; i++) {
      const at = now.ns += 40_000_000n;
      const { ns, flags } = read(stamps(at + 3000n, time(at)), made);
      near(ns, at, `stamp ${i}`);
      assert.equal(flags, SlotFlag.HARDWARE_STAMP);
      const later = read(stamps(0n, time(at + 9000n)), made);
      near(later.ns - ns, 9000n, "what comes without the kernel's stamp");
    }
    assert.equal(made.jumps, 0);
  });
}

test("without a card's stamp, and without a card to read it by, the kernel's stamp is taken", () => {
  const { card: made, now } = opened(card());
  assert.deepEqual(read(stamps(now.ns, 0n), made), { ns: now.ns, flags: SlotFlag.KERNEL_STAMP });
  assert.deepEqual(read(stamps(now.ns, now.ns + 37n), undefined), { ns: now.ns, flags: SlotFlag.KERNEL_STAMP });
  assert.deepEqual(read(stamps(0n, 0n), made), { ns: 0n, flags: 0 });
});

test("a clock that somebody sets costs one stamp, for which the kernel's is taken, and is counted", () => {
  const fake = card();
  const { card: made, now } = opened(fake);
  for (const by of [-37_000_000_000n, 5_000_000n, 3_600_000_000_000n]) {
    const jumps = made.jumps;
    const before = fake.time;
    fake.time = (system) => before(system) + by;
    const first = now.ns += 1_000_000n;
    // What is far off at once is told by the kernel's stamp beside it.
    const one = read(stamps(first + 2000n, fake.time(first)), made);
    if (one.flags === SlotFlag.KERNEL_STAMP) assert.equal(one.ns, first + 2000n);
    else near(one.ns, first, "read anew at once");
    const second = now.ns += 1_000_000n;
    near(read(stamps(second + 2000n, fake.time(second)), made).ns, second, `after a jump by ${by}`);
    assert.equal(made.jumps, jumps + 1);
  }
});

test("the system's clock set: stamps follow at once", () => {
  const fake = card();
  const { libc, now } = fakeLibc(fake);
  const stepping = { ...clock, steps: 0 };
  const made = new Card(libc, 5, "eth7", stepping);
  near(read(stamps(0n, fake.time(now.ns)), made).ns, now.ns, "before");
  const before = fake.time;
  now.ns += 2_000_000_000n;
  fake.time = (system) => before(system) - 2_000_000_000n;
  stepping.steps++;
  const after = now.ns;
  near(read(stamps(0n, fake.time(after)), made).ns, after, "after");
  assert.equal(made.jumps, 0);
});

test(
  "the real system calls, where there is no such card: each says so",
  { skip: typeof real === "string" && real },
  () => {
    assert.ok(typeof real !== "string");
    const socket = real.socket(2, 2, 0);
    const info = askStampInfo(real, socket, "lo");
    assert.ok(typeof info !== "number");
    assert.deepEqual([info.phc, info.txTypes, info.rxFilters], [-1, 0, 0]);
    assert.equal(describeStamps(info), "kernel");
    assert.equal(askStampInfo(real, socket, "nope7"), 19);
    assert.ok([EPERM, EOPNOTSUPP].includes(switchOn(real, socket, "lo")));
    // A file that is no clock has no time by its descriptor.
    const file = real.open(new TextEncoder().encode("/dev/null\0"), 0, 0);
    assert.ok(file >= 0);
    assert.throws(() => new CardClock(real, file, clock), (errno: unknown) => errno === 22 || errno === EOPNOTSUPP);
    real.close(file);
    real.close(socket);
  },
);
