/** What Linux is asked about itself. */
import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { openMachine } from "../../../../plugins/transport/ffi/open_machine.ts";
import { readStampInfo, tellStamps } from "../../../../plugins/transport/ffi/linux/ethtool.ts";

/** A `struct ethtool_ts_info`. */
function info(flags: number, phc: number, tx: number, rx: number): Uint32Array {
  const view = new DataView(new ArrayBuffer(44));
  view.setUint32(0, 0x41, true);
  view.setUint32(4, flags, true);
  view.setInt32(8, phc, true);
  view.setUint32(12, tx, true);
  view.setUint32(28, rx, true);
  return new Uint32Array(view.buffer);
}
const readStamps = (words: Uint32Array) => tellStamps(readStampInfo(words));

test("stamps of a card by ethtool_ts_info", () => {
  const software = { rxSoftware: true, txSoftware: true };
  const none = { rxHardware: false, txHardware: false, rxHardwareAll: false };
  // As `ethtool -T` tells them: loopback, an Intel i210, a card that stamps PTP alone, a driver that says nothing.
  assert.deepEqual(readStamps(info(0x1a, -1, 0, 0)), { ...software, ...none, phc: null });
  assert.deepEqual(readStamps(info(0x5f, 0, 0b11, 0b11)), {
    ...software,
    rxHardware: true,
    txHardware: true,
    rxHardwareAll: true,
    phc: 0,
  });
  assert.deepEqual(readStamps(info(0x5f, 3, 0b11, 0b1_0000_0000_0001)), {
    ...software,
    rxHardware: true,
    txHardware: true,
    rxHardwareAll: false,
    phc: 3,
  });
  assert.deepEqual(readStamps(info(0x18, -1, 0, 0)), { rxSoftware: true, txSoftware: false, ...none, phc: null });
  assert.deepEqual(
    readStamps(info(0x5f, 0, 0b01, 0b01)),
    { ...software, ...none, phc: 0 },
    "nothing can be switched on",
  );
});

const machine = openMachine();
const skip = typeof machine === "string" && machine;

if (process.platform !== "linux") {
  test("a system that cannot be asked says why", () => assert.match(String(machine), /asks Linux only/));
}

test("an interface that does not exist, or cannot, is an answer and no exception", { skip }, () => {
  if (typeof machine === "string") return;
  assert.equal(machine.interfaceStamps("nonesuch0"), "there is no such interface");
  assert.equal(machine.interfaceStamps("a-name-that-is-too-long-for-linux"), "its name is too long");
});

test("a wait lasts as long as it was told at the least, and slack is what was set", { skip }, () => {
  if (typeof machine === "string") return;
  const [, monotonic] = machine.clocks;
  const begun = monotonic.read();
  machine.block(2.5e6);
  assert.ok(monotonic.read() - begun >= 2.5e6);
  const before = machine.setTimerSlack(12_345);
  assert.equal(machine.setTimerSlack(before), 12_345);
});

test("options on loopback: what a measurement needs is seen in datagrams", { skip }, async () => {
  if (typeof machine === "string") return;
  const trials = await machine.tryOptions();
  for (const { option, works, seen, error } of trials) {
    assert.equal(works, seen !== null, option);
    assert.equal(works, error === null, option);
  }
  const seen = new Set(trials.filter((trial) => trial.seen === "datagram").map(({ option }) => option));
  for (const option of ["IP_TOS", "IP_TTL", "IP_RECVTTL, IP_RECVTOS", "IP_PKTINFO", "IP_RECVERR"]) {
    assert.ok(seen.has(option), option);
  }
});

test("stamps and buffers on loopback", { skip }, async () => {
  if (typeof machine === "string") return;
  assert.deepEqual(await machine.seeStamps(), { receive: true, transmit: true });
  const { receiveOctets, memoryPerDatagram, datagramOctets } = await machine.buffers();
  assert.ok(receiveOctets! > 0 && memoryPerDatagram! > datagramOctets);
});
