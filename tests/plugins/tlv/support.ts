/** A probe with TLVs through a reflector that understands them all. */
import assert from "node:assert/strict";
import { createBatch, LOCAL_SIZE, SlotFlag } from "../../../core/batch.ts";
import { parseAddress } from "../../../core/address.ts";
import type { ReflectorOptions } from "../../../core/session/reflector.ts";
import { NO_HOST, type Tlv, type TlvHost } from "../../../core/tlv.ts";
import type { PluginOptions, TlvPlugin } from "../../../core/plugin.ts";
import { parsePluginOptions } from "../../../core/plugin_options.ts";
import { STAMP_SIZE } from "../../../core/wire/test_packet.ts";
import { putTlvHeader, TLV_HEADER } from "../../../core/wire/tlv.ts";
import { TLV_ANSWERS, TLVS } from "../../../plugins/tlv/mod.ts";
import { RESPONDER, SENDER, TestClock, writeWall } from "../../support/sim.ts";
import { reflector } from "../../support/run.ts";

/** EF, congestion met. */
export const TOS = 0xbb;

export const octetsOf = (text: string) => {
  const { family, octets } = parseAddress(text)!;
  return [...family === 4 ? octets.slice(12) : octets];
};

/** A TLV as a sender sends it, with a value of any kind. */
export function tlv(type: number, value: readonly number[], flags = 0x80): number[] {
  return [flags, type, value.length >> 8, value.length & 0xff, ...value];
}

/** What a plugin writes into probe `seq`, header and all. */
export function written(one: Tlv, seq = 0): number[] {
  const bytes = new Uint8Array(TLV_HEADER + one.length);
  const view = new DataView(bytes.buffer);
  putTlvHeader(view, 0, one.type, one.length);
  assert.notEqual(one.write(view, TLV_HEADER, seq), false);
  return [...bytes];
}

/** A plugin's TLV, with its defaults. */
export function make(plugin: TlvPlugin, options: PluginOptions = {}): Tlv {
  return plugin.create({ ...parsePluginOptions("--tlv", plugin.name, [plugin]).options, ...options });
}

export const named = (name: string) => TLVS.find((plugin) => plugin.name === name)!;

/** A responder of which everything is known, and that allows all. */
export const OPEN_HOST: TlvHost = {
  ...NO_HOST,
  port: 862,
  address: new Uint8Array(16),
  addresses: Uint8Array.from([...parseAddress("192.0.2.2")!.octets, ...parseAddress("192.0.2.9")!.octets]),
  perPacketTos: true,
  sameLink: true,
  allowReturnPath: true,
  allowControl: true,
  mayReturnTo: () => true,
  maxAmplification: 1,
  maxReply: 1452,
  microSession: 77,
};

/** A reflector, and a batch of one. */
export class Far {
  readonly clock = new TestClock();
  readonly batch = createBatch(4, 4096);
  readonly session;
  seq = 0;
  /** Flags of the slot. */
  flags: number = SlotFlag.IP_HEADER | SlotFlag.TOS;

  constructor(host: Partial<TlvHost> = {}, options: Partial<ReflectorOptions> = {}) {
    this.session = reflector({ protocol: "stamp", tlvs: TLV_ANSWERS, host: { ...OPEN_HOST, ...host }, ...options });
  }

  /** The reply to a probe with these TLVs: its octets behind the base packet; undefined if there is none. */
  answer(tlvs: readonly number[], peer: Uint8Array = SENDER, local: Uint8Array = RESPONDER): number[] | undefined {
    const { batch, clock } = this;
    const size = STAMP_SIZE + tlvs.length;
    batch.bytes.fill(0xee);
    batch.bytes.fill(0, 0, STAMP_SIZE);
    batch.bytes.set(tlvs, STAMP_SIZE);
    batch.view.setUint32(0, this.seq++);
    batch.view.setUint32(4, 3_900_000_000 + this.seq);
    batch.count = 1;
    batch.length[0] = size;
    batch.flags[0] = this.flags;
    batch.tos[0] = TOS;
    batch.txTos[0] = 0xffff;
    batch.peer.set(peer);
    batch.local.fill(0, 0, LOCAL_SIZE);
    batch.local.set(local.subarray(0, 16));
    writeWall(batch.stamp, 0, clock.now);
    if (this.session.reflect(clock.now, batch) === 0) return undefined;
    clock.now += 1000;
    this.session.stampTransmit(batch, clock);
    assert.equal(batch.bytes[Math.max(size, batch.length[0])], 0xee, "nothing is written behind the reply");
    return [...batch.bytes.subarray(STAMP_SIZE, batch.length[0])];
  }
}
