/**
 * What Linux knows of a process. On other systems every answer is `NaN`, which a table shows as a dash.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((id) => `/proc/${pid}/task/${id}`);
  } catch {
    return [];
  }
}

const sum = (values: readonly number[]) => values.length === 0 ? NaN : values.reduce((a, b) => a + b, 0);

/** Nanoseconds on a processor so far, all threads; exact where /proc/<pid>/stat counts ticks of 10 ms. */
export function cpuNanos(pid: number): number {
  return sum([...cpuOfThreads(pid).values()]);
}

/** The same of each thread. One that ends takes its time along, so that a sum can be less than an earlier one. */
export function cpuOfThreads(pid: number): ReadonlyMap<string, number> {
  return new Map(threads(pid).map((thread) => [thread, Number.parseInt(read(`${thread}/schedstat`).split(" ")[0])]));
}

/** Nanoseconds on a processor since `before`, of the threads that there still are. */
export function cpuSince(pid: number, before: ReadonlyMap<string, number>): number {
  return sum([...cpuOfThreads(pid)].map(([thread, nanos]) => nanos - (before.get(thread) ?? 0)));
}

/** Times that a thread went to sleep of itself so far: each is a wake-up that somebody paid for. */
export function sleeps(pid: number): number {
  return sum(
    threads(pid).map((thread) => {
      return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(read(`${thread}/status`))?.[1] ?? NaN);
    }),
  );
}

/** Memory in megabytes of 10^6 octets. */
export interface Memory {
  /** Resident, as `ps` shows it. */
  readonly rss: number;
  /** Resident, pages shared with other processes divided among them. */
  readonly pss: number;
  /** Written by this process alone: what one more responder costs. */
  readonly own: number;
}

export function memory(pid: number): Memory {
  const text = read(`/proc/${pid}/smaps_rollup`);
  const field = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(text)?.[1] ?? NaN) * 1024 / 1e6;
  return { rss: field("Rss"), pss: field("Pss"), own: field("Private_Dirty") };
}

/** Datagrams that the kernel dropped so far for want of room in the socket at this port of ours. */
export function dropped(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = (read("/proc/net/udp") + read("/proc/net/udp6")).split("\n").map((line) => line.trim().split(/\s+/));
  return sum(lines.filter(([, address]) => address?.endsWith(local)).map((words) => Number(words.at(-1))));
}
