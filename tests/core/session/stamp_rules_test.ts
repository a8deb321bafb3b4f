/** Rules of STAMP that hold for every packet: reserved octets, flags of TLVs, an SSID that does not come back. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createBatch, SlotFlag } from "../../../core/batch.ts";
import { createRecord, ProbeFlag } from "../../../core/record.ts";
import type { ReflectorOptions } from "../../../core/session/reflector.ts";
import { createSender, type SenderOptions } from "../../../core/session/sender.ts";
import { tlvSize, TlvWriter } from "../../../core/session/tlv_writer.ts";
import type { Layout } from "../../../core/wire/layout.ts";
import { STAMP_SEALED_REFLECTOR, STAMP_SEALED_SENDER } from "../../../core/wire/stamp_sealed.ts";
import { STAMP_REFLECTOR, STAMP_SENDER } from "../../../core/wire/test_packet.ts";
import { TLVS } from "../../../plugins/tlv/mod.ts";
import { Far, make } from "../../plugins/tlv/support.ts";
import { reflector } from "../../support/run.ts";
import { everyMs, RESPONDER, senderOptions, TestClock, writeWall } from "../../support/sim.ts";
import { oneKey, seal } from "../../support/stamp_keys.ts";

/** A sender and a reflector whose packets can be changed on the way. */
class Ends {
  readonly clock = new TestClock();
  readonly batch = createBatch(1, 512);
  readonly far;
  readonly near;
  readonly flags: number[] = [];

  constructor(near: Partial<SenderOptions>, far: Partial<ReflectorOptions>) {
    const size = near.seal === undefined ? 44 : 112;
    const traffic = { name: "t", maxSize: size, size: () => size, fill: () => {} };
    this.near = createSender(
      senderOptions({ protocol: "stamp", ssid: 7, schedule: everyMs(10), traffic, count: 3, ...near }),
    );
    this.far = reflector({ protocol: "stamp", ...far });
    this.near.start(0);
  }

  send(): Uint8Array {
    const { batch, near, clock } = this;
    clock.now = Math.max(clock.now, near.pollTimeout());
    batch.count = 0;
    batch.bytes.fill(0xee);
    assert.equal(near.pollTransmit(clock.now, batch), 1);
    near.stampTransmit(batch, clock);
    return batch.bytes.slice(0, batch.length[0]);
  }

  /** The reply to `probe`. */
  reflect(probe: Uint8Array): Uint8Array {
    const { batch, far, clock } = this;
    batch.bytes.fill(0xee);
    batch.bytes.set(probe);
    batch.count = 1;
    batch.length[0] = probe.length;
    batch.flags[0] = SlotFlag.IP_HEADER;
    batch.ttl[0] = 64;
    writeWall(batch.stamp, 0, clock.now);
    assert.equal(far.reflect(clock.now, batch), 1);
    far.stampTransmit(batch, clock);
    return batch.bytes.slice(0, batch.length[0]);
  }

  read(reply: Uint8Array): void {
    const { batch, near, clock } = this;
    batch.bytes.set(reply);
    batch.count = 1;
    batch.length[0] = reply.length;
    batch.flags[0] = 0;
    batch.peer.set(RESPONDER);
    writeWall(batch.stamp, 0, clock.now);
    near.handleDatagrams(clock.now, batch);
    for (const record = createRecord(); near.pollRecord(record);) this.flags.push(record.flags);
  }
}

/** Octets of a packet that are reserved. */
function reserved({ fields }: Layout): number[] {
  const mbz = fields.filter(({ kind }) => kind === "mbz");
  return mbz.flatMap(({ at, size }) => Array.from({ length: size }, (_, i) => at + i));
}

function spoilt(packet: Uint8Array, at: readonly number[]): Uint8Array {
  const copy = packet.slice();
  for (const i of at) copy[i] = 0xa5;
  return copy;
}

test("what is reserved is zero when it leaves, and nothing when it comes", () => {
  const key = seal();
  const open = { near: {}, far: {}, layouts: [STAMP_SENDER, STAMP_REFLECTOR], close: () => {} };
  const sealed = {
    near: { seal: key },
    far: { authenticated: oneKey() },
    layouts: [STAMP_SEALED_SENDER, STAMP_SEALED_REFLECTOR],
    close: (packet: Uint8Array) => key.seal(packet, 0),
  };
  for (const { near, far, layouts, close } of [open, sealed]) {
    const [probeMbz, replyMbz] = layouts.map(reserved);
    assert.ok(probeMbz.length >= 28 && replyMbz.length >= 5);
    const ends = new Ends(near, { mode: "stateless", ...far });
    const probe = ends.send();
    assert.ok(probeMbz.every((at) => probe[at] === 0));
    const reply = ends.reflect(probe);
    assert.ok(replyMbz.every((at) => reply[at] === 0));
    const odd = spoilt(probe, probeMbz);
    close(odd);
    assert.deepEqual(ends.reflect(odd), reply, "not looked at, and not sent back");
    const oddReply = spoilt(reply, replyMbz);
    close(oddReply);
    ends.read(oddReply);
    assert.deepEqual(ends.flags.map((flags) => flags & ProbeFlag.RECEIVED), [ProbeFlag.RECEIVED]);
    assert.deepEqual(ends.near.peerReport().findings.map(({ code }) => code), []);
  }
});

test("every TLV leaves with U alone, and comes back without M and I", () => {
  const needed: Record<string, Record<string, string | number>> = {
    destination: { address: "192.0.2.2" },
    "return-path": { address: "192.0.2.1" },
    "micro-session": { id: 5 },
  };
  for (const plugin of TLVS) {
    const tlvs = [make(plugin, needed[plugin.name])];
    const bytes = new Uint8Array(44 + tlvSize(tlvs));
    new TlvWriter(tlvs, undefined).write(new DataView(bytes.buffer), bytes, 0, 44, 0);
    assert.equal(bytes[44], 0x80, plugin.name);
    for (const flags of [0, 0x7f]) {
      const probe = [...bytes.subarray(44)];
      probe[0] |= flags; // such as a sender must not set, and such as nobody knows
      assert.equal(new Far().answer(probe)![0], 0, plugin.name);
    }
  }
});

test("an SSID that comes back as zero: told, and ends the session where that is asked", () => {
  for (const [needsSsid, ssid, sent] of [[true, 0, 1], [true, 7, 3], [true, 8, 3], [false, 0, 3]] as const) {
    const ends = new Ends({ needsSsid }, {});
    while (ends.near.state === "running") {
      const reply = ends.reflect(ends.send());
      reply.set([0, ssid], 14);
      ends.read(reply);
    }
    assert.equal(ends.near.counters.sent, sent, `${needsSsid}, SSID ${ssid}`);
    const codes = ends.near.peerReport().findings.map(({ code }) => code);
    assert.equal(codes.includes("ssid-not-returned"), ssid !== 7);
    assert.ok(ends.near.done);
  }
});
