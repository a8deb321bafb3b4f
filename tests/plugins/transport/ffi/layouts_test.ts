/**
 * The structures of macOS, FreeBSD and Windows in memory made here: no system call. Octets are as the headers of these
 * systems lay them out.
 */
import { test } from "node:test";
import assert from "node:assert/strict";
import { formatAddress, parseAddress, peerOctets } from "../../../../core/address.ts";
import { createBatch, LOCAL_SIZE, PEER_SIZE, SlotFlag } from "../../../../core/batch.ts";
import type { Clock } from "../../../../core/time/clock.ts";
import { freebsd } from "../../../../plugins/transport/ffi/freebsd.ts";
import { macos } from "../../../../plugins/transport/ffi/macos.ts";
import type { Native } from "../../../../plugins/transport/ffi/native.ts";
import { readControl, SOURCE_SIZE, writeSource } from "../../../../plugins/transport/ffi/single/control.ts";
import { Messages } from "../../../../plugins/transport/ffi/single/messages.ts";
import { AF_INET, nameSize, readName, writeName } from "../../../../plugins/transport/ffi/single/names.ts";
import type { Calls } from "../../../../plugins/transport/ffi/single/system.ts";
import { windows } from "../../../../plugins/transport/ffi/windows.ts";

const SYSTEMS = { macos, freebsd, windows } as const;
type Name = keyof typeof SYSTEMS;
const names = Object.keys(SYSTEMS) as Name[];

const octets = (hex: string) => Uint8Array.from(hex.replace(/\s/g, "").match(/../g) ?? [], (two) => parseInt(two, 16));
const hex = (bytes: Uint8Array) => Array.from(bytes, (octet) => octet.toString(16).padStart(2, "0")).join("");

/** What a socket address begins with; port, address and so on are the same. */
const SOCKADDR: Readonly<Record<Name, readonly [ipv4: string, ipv6: string]>> = {
  macos: ["1002", "1c1e"],
  freebsd: ["1002", "1c1c"],
  windows: ["0200", "1700"],
};

for (const name of names) {
  const { sockaddr } = SYSTEMS[name].layout;
  test(`${name}: sockaddr_in and sockaddr_in6, written and read`, () => {
    const [ipv4, ipv6] = SOCKADDR[name];
    const v6 = peerOctets(parseAddress("fe80::1")!, 862);
    v6[21] = 7; // the scope, in network order
    const cases = [
      [AF_INET, peerOctets(parseAddress("192.0.2.1")!, 862), `${ipv4} 035e c0000201 0000000000000000`],
      [sockaddr.inet6, v6, `${ipv6} 035e 00000000 fe800000000000000000000000000001 07000000`],
    ] as const;
    for (const [family, peer, expected] of cases) {
      const memory = new Uint8Array(32);
      writeName(sockaddr, family, peer, 0, memory, 0);
      assert.equal(hex(memory.subarray(0, nameSize(family))), expected.replaceAll(" ", ""));
      const back = new Uint8Array(PEER_SIZE).fill(0xee, 0, 22);
      readName(sockaddr, memory, 0, back, 0);
      assert.deepEqual(back, peer);
    }
  });
}

/** 1,790,000,000 s, and 123,456 us or 123,456,789 ns. */
const SECONDS = "803bb16a 00000000";
interface Vector {
  readonly control: string;
  readonly local: string;
  readonly stamp?: readonly number[];
}
const V6 = "20010db8000000000000000000000001";
/** TTL 61, TOS 0xb8 and addresses, as one datagram has them. */
const CONTROL: Readonly<Record<Name, readonly Vector[]>> = {
  macos: [
    {
      control: `0d000000 00000000 18000000 3d000000 0d000000 00000000 1b000000 b8000000
        18000000 00000000 1a000000 04000000 00000000 c0000207
        1c000000 ffff0000 02000000 ${SECONDS} 40e20100 00000000`,
      local: "192.0.2.7",
      stamp: [1_790_000_000, 123_456_000],
    },
    {
      control: `10000000 29000000 2f000000 3d000000 10000000 29000000 24000000 b8000000
        20000000 29000000 2e000000 ${V6} 04000000`,
      local: "2001:db8::1",
    },
  ],
  freebsd: [
    {
      control:
        `11000000 00000000 41000000 00000000 3d00000000000000 11000000 00000000 44000000 00000000 b800000000000000
        14000000 00000000 07000000 00000000 c000020700000000
        20000000 ffff0000 05000000 00000000 ${SECONDS} 15cd5b07 00000000`,
      local: "192.0.2.7",
      stamp: [1_790_000_000, 123_456_789],
    },
    {
      control:
        `14000000 29000000 2f000000 00000000 3d00000000000000 14000000 29000000 3d000000 00000000 b800000000000000
        24000000 29000000 2e000000 00000000 ${V6} 0400000000000000`,
      local: "2001:db8::1",
    },
  ],
  windows: [
    {
      // Types 4 and 3 of wine 8; the data of an INT, padded.
      control: `1800000000000000 00000000 13000000 c0000207 04000000
        1400000000000000 00000000 04000000 3d00000000000000 1400000000000000 00000000 03000000 b800000000000000`,
      local: "192.0.2.7",
    },
    {
      // IP_HOPLIMIT and IP_TCLASS instead.
      control: `1400000000000000 00000000 15000000 3d00000000000000 1400000000000000 00000000 27000000 b800000000000000
        1800000000000000 00000000 13000000 c0000207 04000000`,
      local: "192.0.2.7",
    },
    {
      control: `2400000000000000 29000000 13000000 ${V6} 0400000000000000
        1400000000000000 29000000 15000000 3d00000000000000 1400000000000000 29000000 27000000 b800000000000000`,
      local: "2001:db8::1",
    },
    {
      // IPv4 on a socket for both families: the same address twice.
      control: `2400000000000000 29000000 13000000 00000000000000000000ffffc0000207 0400000000000000
        1800000000000000 00000000 13000000 c0000207 04000000
        1400000000000000 00000000 04000000 3d00000000000000 1400000000000000 00000000 03000000 b800000000000000`,
      local: "192.0.2.7",
    },
  ],
};

for (const name of names) {
  test(`${name}: control messages are read, cut short anywhere too`, () => {
    const { layout, told } = SYSTEMS[name];
    for (const { control, local, stamp } of CONTROL[name]) {
      const memory = octets(control);
      const view = new DataView(memory.buffer);
      const batch = createBatch(2, 64);
      readControl(layout.control, told, view, 0, memory.length, batch, 1);
      const kernel = stamp === undefined ? 0 : SlotFlag.KERNEL_STAMP;
      assert.deepEqual([batch.ttl[1], batch.tos[1], batch.flags[1]], [
        61,
        0xb8,
        SlotFlag.IP_HEADER | SlotFlag.TOS | kernel,
      ]);
      assert.equal(formatAddress(batch.local, LOCAL_SIZE), local);
      assert.deepEqual([batch.stamp[2], batch.stamp[3]], stamp ?? [0, 0]);
      for (let size = 0; size < memory.length; size++) {
        readControl(layout.control, told, view, 0, size, batch, 0);
        readControl(layout.control, told, new DataView(memory.slice(0, size).buffer), 0, size, batch, 0);
      }
    }
  });

  test(`${name}: no octets as control messages make it read elsewhere or for ever`, () => {
    const { layout, told } = SYSTEMS[name];
    const batch = createBatch(1, 64);
    for (const octet of [0, 1, 11, 12, 15, 16, 17, 0x7f, 0x80, 0xff]) {
      const memory = new Uint8Array(64).fill(octet);
      readControl(layout.control, told, new DataView(memory.buffer), 0, memory.length, batch, 0);
    }
    assert.deepEqual([batch.flags[0], batch.stamp[0]], [0, 0]);
  });
}

/** The message that a reply leaves from 192.0.2.7 or 2001:db8::1 with. */
const SOURCE: Readonly<Record<Name, readonly [ipv4: string, ipv6: string]>> = {
  macos: [
    "18000000 00000000 1a000000 00000000 c0000207 00000000",
    `20000000 29000000 2e000000 ${V6} 00000000`,
  ],
  freebsd: [
    "14000000 00000000 07000000 00000000 c000020700000000",
    `24000000 29000000 2e000000 00000000 ${V6} 0000000000000000`,
  ],
  windows: [
    "1800000000000000 00000000 13000000 c0000207 00000000",
    `2400000000000000 29000000 13000000 ${V6} 0000000000000000`,
  ],
};

for (const name of names) {
  test(`${name}: the source address of a reply as a control message`, () => {
    const { layout, source } = SYSTEMS[name];
    const memory = new Uint8Array(SOURCE_SIZE).fill(0xee);
    const view = new DataView(memory.buffer);
    for (const [i, address] of [[0, "192.0.2.7"], [1, "2001:db8::1"]] as const) {
      const local = parseAddress(address)!.octets;
      const row = i === 0 ? source.ipv4 : source.ipv6;
      const size = writeSource(layout.control, row, local, 0, view, 0);
      assert.equal(hex(memory.subarray(0, size)), SOURCE[name][i].replaceAll(/\s/g, ""));
    }
  });
}

/** Where the pieces of a message are said to be. */
const AT: Readonly<Record<string, bigint>> = { data: 0x1000n, names: 0x2000n, buffers: 0x3000n, control: 0x4000n };
/** A message of 41 octets to a socket for IPv6 from 192.0.2.7, and the buffer it points to. */
const MESSAGE: Readonly<Record<Name, readonly [message: string, buffer: string]>> = {
  macos: [
    "0020000000000000 1c000000 00000000 0030000000000000 01000000 00000000 0040000000000000 18000000 00000000",
    "",
  ],
  freebsd: [
    "0020000000000000 1c000000 00000000 0030000000000000 01000000 00000000 0040000000000000 28000000 00000000",
    "",
  ],
  windows: [
    "0020000000000000 1c000000 00000000 0030000000000000 01000000 00000000 18000000 00000000 0040000000000000 00000000 00000000",
    "29000000 00000000 0010000000000000",
  ],
};

for (const name of names) {
  const system = SYSTEMS[name];
  test(`${name}: a message to send`, () => {
    const batch = createBatch(1, 64);
    const pieces = new Map<bigint, Uint8Array>();
    const places: bigint[] = [];
    for (let i = 0; i < 2; i++) places.push(AT.buffers, AT.control, AT.data, AT.names);
    const native = {
      address(memory: Uint8Array) {
        const place = places.shift()!;
        pieces.set(place, memory); // the second round is that of sending
        return place;
      },
    } as unknown as Native;
    const messages = new Messages(native, system, batch, system.layout.sockaddr.inet6, true);
    batch.length[0] = 41;
    batch.peer.set(peerOctets(parseAddress("192.0.2.1")!, 862));
    batch.local.set(parseAddress("192.0.2.7")!.octets);
    messages.prepare(0);
    let sent = "";
    const calls = { send: (_: number, message: Uint8Array) => (sent = hex(message)).length } as unknown as Calls;
    messages.send(calls, 3, 0);
    const [message, buffer] = MESSAGE[name];
    assert.equal(sent, message.replaceAll(" ", ""));
    const expected = buffer || "0010000000000000 29000000 00000000";
    assert.equal(hex(pieces.get(AT.buffers)!), expected.replaceAll(" ", ""));
    const control = hex(pieces.get(AT.control)!);
    // For a peer of IPv4 these systems differ in which family's message they want.
    if (system.source.mapped === "ipv4") assert.ok(control.startsWith(SOURCE[name][0].replaceAll(/\s/g, "")));
    else assert.ok(control.includes("00000000000000000000ffffc0000207"));
  });
}

test("windows: a datagram larger than its buffer comes as an error, and is one", () => {
  const batch = createBatch(1, 64);
  const native = { address: () => 0n } as unknown as Native;
  const messages = new Messages(native, windows, batch, AF_INET, true);
  const clock = { wall: (out: Uint32Array, at: number) => (out[at] = 5, out[at + 1] = 6) } as unknown as Clock;
  const calls = { receive: () => -1, error: () => 10040 } as unknown as Calls;
  assert.equal(messages.receive(calls, 3n, clock, 0), true);
  assert.deepEqual([batch.length[0], batch.flags[0], batch.stamp[0]], [64, SlotFlag.TRUNCATED, 5]);
  assert.equal(messages.receive({ ...calls, error: () => 10035 }, 3n, clock, 0), false, "nothing there");
});
