/** Small strict readers of what the program prints. Each throws where the contract (CLI.md) is not kept. */
import assert from "node:assert/strict";

// deno-lint-ignore no-explicit-any
export type Json = any;

const RULE = /^=+$/;
const CELL = String.raw`(?: {0,8}-?\d+us| {0,6}-?\d+\.\d\dms| {0,5}-?\d+\.\d{1,2}sec| {0,6}-?\d+\.\dmin| {7}n/a)`;
const NAMES = ["Outbound", "Inbound", "Roundtrip"];
const ROW = new RegExp(`^(${CELL})  (${CELL})  (${CELL})  (${CELL}) {4}( *(?:\\d+\\.\\d%|n/a))$`);

/**
 * The loss cells by direction, and what follows the last rule; without the line that says how far the clocks are apart,
 * which is there whenever a one-way delay is negative, and two processes on one host are not that far from it.
 */
export function readTable(text: string): { loss: Record<string, string>; label: string; rest: string } {
  const lines = text.split("\n");
  assert.equal(lines[0], "=".repeat(79));
  assert.equal(lines[1], "Direction         Min         Max         Avg          Jitter     Loss");
  assert.equal(lines[2], "-".repeat(79));
  const end = lines.findIndex((line, at) => at > 2 && RULE.test(line));
  assert.equal(lines[end], "=".repeat(79));
  assert.equal(lines[end - 2], "-".repeat(79));
  const label = /^ {52}Jitter Algorithm \[(RFC1889|RFC3393)\]$/.exec(lines[end - 1]);
  assert.ok(label, lines[end - 1]);
  const loss: Record<string, string> = {};
  const rows = lines.slice(3, end - 2);
  if (rows.length === 1) assert.equal(rows[0], "  NO STATS AVAILABLE (100% loss)");
  else {
    assert.equal(rows.length, 3);
    for (const [at, name] of NAMES.entries()) {
      const row = rows[at];
      assert.equal(row.slice(0, 15), `  ${name}:`.padEnd(15));
      const cells = ROW.exec(row.slice(15));
      assert.ok(cells, row);
      for (const cell of cells.slice(1, 5)) assert.equal(cell.length, 10, row);
      assert.equal(row.length, 71, row);
      loss[name] = cells[5].trim();
    }
  }
  return { loss, label: label[1], rest: lines.slice(end + 1).join("\n").replace(/^Clock Offset: .*\n/, "") };
}

const whole = (value: unknown, what: string) => assert.ok(Number.isSafeInteger(value), `${what}: ${value}`);
const wholeOrNull = (value: unknown, what: string) => value === null || whole(value, what);
const STATISTICS = ["count", "min", "max", "mean", "stddev", "p50", "p90", "p95", "p99", "p999", "jitter"];
const COUNTS = ["sent", "received", "lost", "duplicates", "reordered", "late", "malformed"];

/** The document of `json`, checked field by field. */
export function readResult(text: string): Json {
  return checkResult(JSON.parse(text));
}

export function checkResult(d: Json): Json {
  assert.equal(d.schema, "twampede/result/1");
  assert.equal(d.tool.name, "twampede");
  assert.match(d.tool.version, /^\d+\.\d+\.\d+$/);
  assert.match(d.tool.runtime, /^(deno|bun) \d+\.\d+\.\d+$/);
  assert.match(d.tool.transport, /^\w+$/);
  assert.match(d.session.protocol, /^(twamp|stamp)$/);
  assert.match(d.session.mode, /^(open|authenticated|encrypted|mixed)$/);
  for (const end of [d.session.local, d.session.remote]) {
    assert.match(end, /^(\d+(\.\d+){3}|\[[0-9a-f:.]+(%\w+)?\]):\d+$/);
  }
  for (const name of ["ssid", "intervalNs", "timeoutNs"]) whole(d.session[name], `session.${name}`);
  for (const name of ["tos", "ttl", "count"]) wholeOrNull(d.session[name], `session.${name}`);
  assert.equal(typeof d.session.dontFragment, "boolean");
  assert.equal(typeof d.session.profile, "string");
  assert.equal(typeof d.session.schedule, "string");
  for (const name of ["t1", "t2", "t3", "t4"]) assert.ok([null, "user", "kernel", "hardware"].includes(d.stamps[name]));
  for (const name of ["phc", "interface"]) assert.ok(d.stamps[name] === null || /^\w+$/.test(d.stamps[name]));
  assert.match(d.startedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  whole(d.durationNs, "durationNs");
  for (const name of COUNTS) whole(d.packets[name], `packets.${name}`);
  wholeOrNull(d.packets.lostOutbound, "packets.lostOutbound");
  wholeOrNull(d.packets.lostInbound, "packets.lostInbound");
  assert.equal(d.packets.received + d.packets.lost, d.packets.sent);
  for (const name of ["roundtrip", "outbound", "inbound", "residence"]) {
    const of = d.delayNs[name];
    for (const key of STATISTICS) wholeOrNull(of[key], `delayNs.${name}.${key}`);
    whole(of.count, `delayNs.${name}.count`);
    if (of.count === 0) { for (const key of STATISTICS.slice(1)) assert.equal(of[key], null, `${name}.${key}`); }
    else {
      const ordered = [of.min, of.p50, of.p90, of.p95, of.p99, of.p999, of.max];
      assert.deepEqual(ordered, ordered.toSorted((a, b) => a - b), name);
    }
  }
  return d;
}

/** Lines of `ndjson` by their kind; the numbers of probes each occur once. */
export function readLines(text: string): { probes: Json[]; events: Json[]; intervals: Json[]; summary: Json } {
  assert.ok(text.endsWith("\n"), "ends with a line feed");
  const lines = text.slice(0, -1).split("\n").map((line) => JSON.parse(line));
  const summary = lines.pop();
  assert.equal(summary.type, "summary");
  checkResult(summary);
  const of = (type: string) => lines.filter((line) => line.type === type);
  const [probes, events, intervals] = [of("probe"), of("event"), of("interval")];
  assert.equal(probes.length + events.length + intervals.length, lines.length, "nothing of another kind");
  for (const probe of probes) {
    assert.match(probe.status, /^(ok|lost)$/);
    for (const name of ["rttNs", "outboundNs", "inboundNs", "residenceNs"]) {
      wholeOrNull(probe[name], name);
      if (probe.status === "lost") assert.equal(probe[name], null);
    }
  }
  assert.equal(new Set(probes.map((probe) => probe.seq)).size, probes.length, "one line a sequence number");
  assert.equal(probes.length, summary.packets.sent);
  return { probes, events, intervals, summary };
}

/** RFC 4180: rows of fields; CRLF, quotes doubled within quotes. */
export function readCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [];
  let row: string[] = [];
  const token = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    assert.ok(match, `not RFC 4180 at ${at}: ${JSON.stringify(text.slice(at, at + 60))}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2]);
    if (match[3] === ",") continue;
    rows.push(row);
    row = [];
  }
  const [header, ...data] = rows;
  assert.equal(new Set(header).size, header.length);
  return data.map((fields) => {
    assert.equal(fields.length, header.length);
    return Object.fromEntries(fields.map((field, at) => [header[at], field]));
  });
}

/** One line of Influx line protocol whose fields are floats. */
export function readInflux(
  line: string,
): { name: string; tags: Record<string, string>; fields: Record<string, number> } {
  const match = /^(\w+)((?:,\w+=(?:\\[, =]|[^\\, =\n"])+)*) (\S+) (\d{19})$/.exec(line);
  assert.ok(match, line);
  const [, name, tags, fields] = match;
  return {
    name,
    tags: Object.fromEntries(
      [...tags.matchAll(/,(\w+)=((?:\\[, =]|[^\\, =])+)/g)].map(([, key, value]) => [key, value]),
    ),
    fields: Object.fromEntries(
      fields.split(",").map((pair) => {
        const [, key, value] = /^(\w+)=(-?\d+\.\d+)$/.exec(pair) ?? [];
        assert.ok(key, `${pair} is a float`);
        return [key, Number(value)];
      }),
    ),
  };
}
