/**
 * Times the small parts of a packet's way, with mitata: it suits what needs nothing put in place between two calls.
 *
 * @module
 */
import { do_not_optimize, measure } from "mitata";
import { createRecord } from "../../core/record.ts";
import { Histogram } from "../../core/stats/histogram.ts";
import { createStats } from "../../core/stats/stats.ts";
import { SessionTable } from "../../core/session/session_table.ts";
import { isStampProbe } from "../../core/wire/classify.ts";
import { putNtp, readTimestamp } from "../../core/wire/timestamp.ts";
import { AddressBook } from "../../plugins/transport/address_book.ts";
import { HostClock } from "../../plugins/transport/host_clock.ts";
import { EPOCH, Rng, SENDER } from "../../tests/support/sim.ts";

const words = new Uint32Array(8);
const view = new DataView(new ArrayBuffer(64));
const zeros = new DataView(new ArrayBuffer(64));
const clock = new HostClock();
const PEER = new Uint32Array(SENDER.slice().buffer);
const table = new SessionTable({ sessions: 8192, wait: 900e9, seed: 1 });
const book = new AddressBook(4);
const histogram = new Histogram();
const stats = createStats({ reflectorCounts: true });
const record = createRecord();
/** Delays of 1 to 2 ms, drawn beforehand. */
const delays = Float64Array.from({ length: 4096 }, ((rng) => () => 1e6 + Math.floor(rng.next() * 1e6))(new Rng(1)));
let n = 0;
/** Calls are timed 4,096 at once, whatever the first one took: one call is less than the clock can tell. */
const ALWAYS = Infinity;

/** The parts by name, in the order of the table. */
const PARTS: Record<string, () => unknown> = {
  "clock: monotonic": () => clock.mono(),
  "clock: wall, HostClock": () => clock.wall(words, 0),
  "putNtp": () => putNtp(view, 4, EPOCH, n++ & 0xfffffff),
  "readTimestamp, NTP": () => readTimestamp(view, 4, false, words, 2),
  "isStampProbe, 44 octets": () => isStampProbe(zeros, 0, 44),
  "session table, 1 session": () => table.number(PEER, 0, 0, n++, EPOCH, 0),
  "address book: host to peer": () => book.write("192.0.2.1", 20_000, view8, 0),
  "address book: peer to host": () => book.host(SENDER, 0),
  "histogram": () => histogram.record(delays[n++ & 4095]),
  "statistics, a probe": () => {
    const delay = delays[n & 4095];
    record.seq = record.reflectorSeq = n++;
    record.flags = 1;
    record.rtt = 2 * delay;
    record.forward = record.backward = delay;
    record.residence = 5000;
    stats.record(record);
  },
};
const view8 = new Uint8Array(24);

const results: Record<string, number> = {};
for (const [name, part] of Object.entries(PARTS)) {
  const { p50 } = await measure(() => do_not_optimize(part()), {
    min_cpu_time: 60e6,
    warmup_threshold: ALWAYS,
    batch_threshold: ALWAYS,
  });
  results[name] = p50;
}
console.log(JSON.stringify(results));
