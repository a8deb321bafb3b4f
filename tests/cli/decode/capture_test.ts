import assert from "node:assert/strict";
import { test } from "node:test";
import { type Datagram, isCapture, readDatagrams } from "../../../cli/decode/capture.ts";
import { type CaptureReport, emptyReport } from "../../../cli/decode/frame.ts";
import {
  block,
  enhancedBlock,
  ethernet,
  interfaceBlock,
  ipv4,
  ipv6,
  join,
  option,
  pcap,
  sectionBlock,
  simpleBlock,
  u16,
  u32,
  udp,
} from "./build.ts";

const PAYLOAD = Uint8Array.of(1, 2, 3, 4, 5);
const IP4 = ipv4(udp(PAYLOAD));
const IP6 = ipv6(udp(PAYLOAD));

function read(file: Uint8Array): [Datagram[], CaptureReport] {
  const report = emptyReport();
  return [[...readDatagrams(file, report)], report];
}

function payloads(file: Uint8Array): number[][] {
  return read(file)[0].map(({ at, length }) => [...file.subarray(at, at + length)]);
}

function skipped(file: Uint8Array): Record<string, number> {
  const [datagrams, report] = read(file);
  assert.deepEqual(datagrams, []);
  return Object.fromEntries(Object.entries(report.skipped).filter(([, count]) => count > 0));
}

function one(ip: Uint8Array, link = 101): Uint8Array {
  return pcap([{ octets: ip }], { link });
}

test("pcap: both byte orders, microseconds and nanoseconds", () => {
  for (const little of [false, true]) {
    for (const nanos of [false, true]) {
      const file = pcap([{ octets: ethernet(IP4), seconds: 1767225600, fraction: 123_456 }], { little, nanos });
      assert.ok(isCapture(file));
      const [[datagram], report] = read(file);
      assert.deepEqual(datagram, {
        number: 1,
        time: { seconds: 1767225600, nanos: nanos ? 123_456 : 123_456_000 },
        source: "192.0.2.1",
        destination: "192.0.2.2",
        sourcePort: 20000,
        destinationPort: 20001,
        ttl: 64,
        tos: 0x88,
        at: 24 + 16 + 14 + 20 + 8,
        length: 5,
        size: 5,
      });
      assert.deepEqual([report.frames, report.datagrams, report.broken], [1, 1, undefined]);
    }
  }
});

test("pcap: a link type with the length of the frame check sequence in its upper half", () => {
  assert.deepEqual(payloads(one(ethernet(IP4), 0x2400_0001)), [[...PAYLOAD]]);
});

test("pcap: microseconds of more than a second carry; times no clock has are none", () => {
  const time = (seconds: number, fraction: number) =>
    read(pcap([{ octets: ethernet(IP4), seconds, fraction }]))[0][0].time;
  assert.deepEqual(time(10, 1_500_000), { seconds: 11, nanos: 500_000_000 });
  assert.equal(time(0xffff_ffff, 1_000_000), undefined);
});

test("every link type", () => {
  const cooked = (type: number) => join(new Uint8Array(14), u16(type));
  const cooked2 = (type: number) => join(u16(type), new Uint8Array(18));
  for (const [ip, type] of [[IP4, 0x0800], [IP6, 0x86dd]] as const) {
    for (const link of [12, 14, 101, 228, 229]) {
      assert.deepEqual(payloads(one(ip, link)), [[...PAYLOAD]], `link ${link}`);
    }
    for (const link of [0, 108]) {
      for (const family of [u32(2), u32(2, true), u32(30, true)]) {
        assert.deepEqual(payloads(one(join(family, ip), link)), [[...PAYLOAD]]);
      }
    }
    assert.deepEqual(payloads(one(ethernet(ip), 1)), [[...PAYLOAD]]);
    for (const tags of [[0x8100], [0x88a8, 0x8100], [0x9100, 0x8100]]) {
      assert.deepEqual(payloads(one(ethernet(ip, tags), 1)), [[...PAYLOAD]]);
    }
    assert.deepEqual(payloads(one(join(cooked(type), ip), 113)), [[...PAYLOAD]]);
    assert.deepEqual(payloads(one(join(cooked(0x8100), u16(7), u16(type), ip), 113)), [[...PAYLOAD]]);
    assert.deepEqual(payloads(one(join(cooked2(type), ip), 276)), [[...PAYLOAD]]);
  }
  assert.deepEqual(skipped(one(IP4, 147)), { unknownLink: 1 });
  assert.deepEqual(skipped(one(join(cooked(0x0806), IP4), 113)), { notIp: 1 });
});

test("Ethernet's own padding and trailer are no payload", () => {
  assert.deepEqual(payloads(one(join(ethernet(IP4), new Uint8Array(20).fill(9)), 1)), [[...PAYLOAD]]);
  assert.deepEqual(payloads(one(join(ethernet(IP6), new Uint8Array(20).fill(9)), 1)), [[...PAYLOAD]]);
});

test("IPv4: options, other protocols, fragments, lengths that cannot be", () => {
  assert.deepEqual(payloads(one(ipv4(udp(PAYLOAD), { options: new Uint8Array(40) }))), [[...PAYLOAD]]);
  assert.deepEqual(skipped(one(ipv4(udp(PAYLOAD), { protocol: 6 }))), { notUdp: 1 });
  for (const fragment of [0x2000, 0x2001, 0x1fff, 1]) {
    assert.deepEqual(skipped(one(ipv4(udp(PAYLOAD), { fragment }))), { fragments: 1 });
  }
  const changed = (at: number, ...octets: number[]) => {
    const ip = IP4.slice();
    ip.set(octets, at);
    return one(ip);
  };
  assert.deepEqual(skipped(changed(0, 0x44)), { malformed: 1 }, "a header of 16 octets");
  assert.deepEqual(skipped(changed(2, 0, 19)), { malformed: 1 }, "shorter than its header");
  assert.deepEqual(skipped(changed(2, 0, 27)), { malformed: 1 }, "no room for UDP");
  assert.deepEqual(skipped(changed(2, 0xff, 0xff)), { malformed: 1 }, "longer than the frame");
  assert.deepEqual(skipped(changed(24, 0, 7)), { malformed: 1 }, "UDP shorter than its header");
  assert.deepEqual(skipped(changed(24, 0, 14)), { malformed: 1 }, "UDP longer than IP");
  assert.deepEqual(skipped(changed(0, 0x55)), { notIp: 1 });
  assert.deepEqual(payloads(changed(2, 0, 0)), [[...PAYLOAD]], "a total length of 0 is that of the frame");
  assert.deepEqual(payloads(changed(24, 0, 10)), [[1, 2]], "UDP may end before IP does");
});

test("IPv6: extension headers on the way to UDP", () => {
  const header = (next: number, units = 0) => join(next, units, new Uint8Array(6 + 8 * units));
  const fragment = (next: number, offset: number) => join(next, 0, u16(offset), u32(1));
  const all = [header(43), header(60, 2), fragment(51, 0), join(60, 1, new Uint8Array(10)), header(17)];
  const [[datagram]] = read(one(ipv6(udp(PAYLOAD), { next: 0, extensions: all })));
  assert.deepEqual([datagram.source, datagram.destination], ["2001:db8::1", "2001:db8::2"]);
  assert.deepEqual([datagram.ttl, datagram.tos, datagram.length], [64, 0x88, 5]);
  assert.deepEqual(skipped(one(ipv6(udp(PAYLOAD), { next: 44, extensions: [fragment(17, 1)] }))), { fragments: 1 });
  assert.deepEqual(skipped(one(ipv6(udp(PAYLOAD), { next: 44, extensions: [fragment(17, 8)] }))), { fragments: 1 });
  assert.deepEqual(skipped(one(ipv6(udp(PAYLOAD), { next: 58 }))), { notUdp: 1 });
  assert.deepEqual(skipped(one(ipv6(new Uint8Array(), { next: 0, extensions: [header(17, 200).slice(0, 16)] }))), {
    malformed: 1,
  });
  assert.deepEqual(skipped(one(ipv6(new Uint8Array(4), { next: 0 }))), { malformed: 1 });
});

test("a frame cut by the capture at every octet: counted, or its payload shown as far as it goes", () => {
  for (const ip of [IP4, IP6, ipv6(udp(PAYLOAD), { next: 60, extensions: [join(17, 0, new Uint8Array(6))] })]) {
    const whole = ethernet(ip);
    for (let length = 0; length < whole.length; length++) {
      const file = pcap([{ octets: whole.slice(0, length), size: whole.length }]);
      const inPayload = length - (whole.length - PAYLOAD.length);
      if (inPayload < 0) assert.deepEqual(skipped(file), { cut: 1 }, `${length} octets`);
      else {
        const [[datagram]] = read(file);
        assert.deepEqual([datagram.length, datagram.size], [inPayload, 5]);
      }
    }
  }
});

test("pcap: a file cut at every octet yields the frames before the cut, and says where it broke off", () => {
  const shots = [{ octets: ethernet(IP4) }, { octets: ethernet(IP6) }];
  const whole = pcap(shots);
  const ends = [24, 24 + 16 + shots[0].octets.length, whole.length];
  for (let length = 4; length <= whole.length; length++) {
    const [datagrams, report] = read(whole.slice(0, length));
    assert.equal(datagrams.length, ends.filter((end, i) => i > 0 && end <= length).length);
    assert.equal(report.broken === undefined, ends.includes(length), `${length} octets`);
    if (report.broken !== undefined) assert.match(report.broken, /^[^\n]*\d+[^\n]*$/);
  }
});

test("pcapng: interfaces with times of their own, other blocks passed over, simple packets without a time", () => {
  const frame = ethernet(IP4);
  for (const little of [false, true]) {
    const file = join(
      sectionBlock(little),
      interfaceBlock({ little }),
      interfaceBlock({
        little,
        options: join(option(2, Uint8Array.of(101, 116), little), option(9, Uint8Array.of(9), little)),
      }),
      interfaceBlock({ little, options: option(9, Uint8Array.of(0x80 | 20), little) }),
      interfaceBlock({
        little,
        options: option(14, little ? join(u32(100, true), u32(0)) : join(u32(0), u32(100)), little),
      }),
      block(5, new Uint8Array(12), little),
      block(0xbad, new Uint8Array(8), little),
      enhancedBlock(frame, { little, ticks: 1_767_225_600_123_456n }),
      enhancedBlock(frame, { little, from: 1, ticks: 1_767_225_600_123_456_789n }),
      enhancedBlock(frame, { little, from: 2, ticks: (1_767_225_600n << 20n) | (1n << 19n) }),
      enhancedBlock(frame, { little, from: 3, ticks: 1_000_000n }),
    );
    assert.ok(isCapture(file));
    const [datagrams, report] = read(file);
    assert.equal(report.broken, undefined);
    assert.deepEqual(datagrams.map(({ number, time }) => [number, time?.seconds, time?.nanos]), [
      [1, 1767225600, 123_456_000],
      [2, 1767225600, 123_456_789],
      [3, 1767225600, 500_000_000],
      [4, 101, 0],
    ]);
  }
  const simple = join(
    sectionBlock(),
    interfaceBlock({ snap: frame.length - 2 }),
    simpleBlock(frame.slice(0, -2), frame.length),
  );
  const [[datagram]] = read(simple);
  assert.deepEqual([datagram.time, datagram.length, datagram.size], [undefined, 3, 5]);
});

test("pcapng: a new section starts with interfaces and byte order of its own", () => {
  const part = (little: boolean, link: number, octets: Uint8Array) =>
    join(sectionBlock(little), interfaceBlock({ little, link }), enhancedBlock(octets, { little }));
  assert.deepEqual(payloads(join(part(false, 1, ethernet(IP4)), part(true, 101, IP6))), [[...PAYLOAD], [...PAYLOAD]]);
});

test("pcapng: packets without an interface, or longer than their block, are counted", () => {
  const frame = ethernet(IP4);
  const start = join(sectionBlock(), interfaceBlock());
  assert.deepEqual(skipped(join(sectionBlock(), enhancedBlock(frame))), { malformed: 1 });
  assert.deepEqual(skipped(join(sectionBlock(), simpleBlock(frame))), { malformed: 1 });
  assert.deepEqual(skipped(join(start, enhancedBlock(frame, { from: 1 }))), { malformed: 1 });
  assert.deepEqual(skipped(join(start, block(6, new Uint8Array(16)))), { malformed: 1 });
  assert.deepEqual(skipped(join(start, block(6, join(u32(0), u32(0), u32(0), u32(9), u32(9))))), { malformed: 1 });
  assert.deepEqual(skipped(join(sectionBlock(), block(1, new Uint8Array(4)), enhancedBlock(frame))), {
    unknownLink: 1,
  });
});

test("pcapng: times of absurd resolutions are none, and cost no exception", () => {
  for (const power of [0, 0x7f, 0x80, 0xff, 1, 19]) {
    const options = option(9, Uint8Array.of(power));
    const file = join(
      sectionBlock(),
      interfaceBlock({ options }),
      enhancedBlock(ethernet(IP4), { ticks: 0xffff_ffff_ffff_ffffn }),
    );
    const [[{ time }]] = read(file);
    if (time !== undefined) assert.ok(time.nanos >= 0 && time.nanos < 1e9 && time.seconds <= 0xffff_ffff);
  }
});

test("pcapng: broken blocks end the reading with a reason", () => {
  const start = join(sectionBlock(), interfaceBlock());
  const broken = (file: Uint8Array) => read(file)[1].broken;
  assert.match(broken(join(start, u32(6), u32(11), u32(11)))!, /says 11 octets/);
  assert.match(broken(join(start, u32(6), u32(8), u32(8)))!, /says 8 octets/);
  assert.match(broken(join(start, u32(6), u32(64), u32(64)))!, /says 64 octets, 12 are left/);
  assert.match(broken(join(start, u32(6), u32(16), u32(0), u32(12)))!, /two lengths differ/);
  assert.match(broken(join(start, u32(6), u32(12)))!, /breaks off: 8 octets/);
  assert.match(broken(join(start, u32(0x0a0d0d0a), u32(12), u32(12)))!, /no byte order mark/);
});

test("what is no capture is told from one", () => {
  for (const octets of [[], [0xa1], [0xa1, 0xb2, 0xc3], [0x1f, 0x8b, 8, 0], [0x30, 0x30, 0x30, 0x30]]) {
    assert.ok(!isCapture(Uint8Array.from(octets)));
  }
});
