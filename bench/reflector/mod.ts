/**
 * How much one core answers: each way to run our responder, with each transport, in turns with a plain C loop. And
 * whether all that the kernel handed over came back.
 *
 * @module
 */
import { join } from "node:path";
import { compile } from "../support/compiler.ts";
import { type Context, endHelpers, type Helper, pause, ROOT, runToEnd, startHelper } from "../support/context.ts";
import { median, medianRatio, show, showCount, spread } from "../support/numbers.ts";
import { pinned, pinning } from "../support/pin.ts";
import { cpuOfThreads, cpuSince, dropped, memory } from "../support/proc.ts";
import { programs, startEach } from "../support/programs.ts";
import { printTable } from "../support/table.ts";

/** More than two batches, so that neither side waits; less than the system's receive buffer holds. */
const IN_FLIGHT = 128;
const OVERLOAD = 0;
const PATIENCE_MS = 10_000;
/** What a process wrote at its end comes to us a little later. */
const LAST_WORDS_MS = 100;

/** What the flooder counted; its own socket's drops it knows only in C. */
interface Flood {
  readonly sent: number;
  readonly replies: number;
  readonly within: number;
  readonly dropped?: number;
  readonly seconds: number;
}

interface Contender {
  readonly title: string;
  readonly helper: Helper;
  readonly rates: number[];
  /** Microseconds a reply. */
  readonly cpu: number[];
  /** With one probe in flight: a round trip's microseconds. */
  readonly alone: number[];
  /** Of the C loop, in the turn just before each of these. */
  readonly base: { readonly rates: number[]; readonly cpu: number[] };
  /** Neither came back, so far. */
  missing: number;
  /** Of these the kernel dropped so many, for want of room in the flooder's sockets or in the responder's. */
  ownDrops: number;
  kernelDrops: number;
  /** Its standard error: the last line has what it dropped itself, and says so. */
  said: string;
  rss: number;
}

/** Prints the table; without a compiler without the comparison, and says so. */
export async function benchReflector(context: Context): Promise<void> {
  const [echo, flood] = [compile(context, "reflector/echo"), compile(context, "reflector/flood")];
  const bun = [context.bun, "--no-env-file", join(ROOT, "bench/reflector/flood.ts")];
  const flooder = [...pinned(0), ...(flood.path === undefined ? bun : [flood.path])];
  const { all, notes } = programs();
  const contenders: Contender[] = [];
  const add = async (title: string, command: readonly string[], env: Readonly<Record<string, string>>) => {
    const helper = await startHelper([...pinned(1), ...command], env);
    const lists = { rates: [], cpu: [], alone: [], base: { rates: [], cpu: [] } };
    const contender = { title, helper, ...lists, missing: 0, ownDrops: 0, kernelDrops: 0, said: "", rss: NaN };
    helper.child.stderr!.on("data", (text) => contender.said += String(text));
    contenders.push(contender);
  };
  try {
    if (echo.path !== undefined) {
      await add("C, recvmmsg", [echo.path], {});
      await add("C, same duties", [echo.path, "kernel"], {});
    }
    const refusals = await startEach(all, ({ title, command, env, transport }) => {
      return add(title, [...command, "responder", "127.0.0.1:0", ...transport], env);
    });
    const c = echo.path === undefined ? undefined : contenders[0];
    await takeTurns(context, flooder, contenders, c, flood.path !== undefined);
    for (const contender of contenders) contender.rss = memory(contender.helper.pid).rss;
    await endHelpers(contenders.map(({ helper }) => helper));
    await pause(LAST_WORDS_MS);
    const rounds = contenders.at(-1)!.rates.length;
    print(contenders, c, [
      `64 octets, stateful, ${IN_FLIGHT} in flight; medians of ${rounds} rounds, each turn just after one of the C loop, to`,
      "which the ratio is. CPU: µs a reply, all threads; busy: its share of the time. Alone: one probe in flight, a",
      "whole round trip. RSS: MB. What did not come back, most of it in an overload at the end: the kernel dropped it at a",
      "full socket; or the program did and says so (unread); or nobody knows (lost), which has to be 0.",
      pinning(),
      ...(flood.path === undefined ? [`The flooder is in TypeScript, and there was no overload: ${flood.why}.`] : []),
      ...(c === undefined ? [`The C loop is left out: ${echo.why}.`] : []),
      ...notes,
      ...refusals,
    ]);
  } finally {
    await endHelpers(contenders.map(({ helper }) => helper));
  }
}

/** The C loop has its turn before each of the others; in the end there are more probes than anybody can answer. */
async function takeTurns(
  context: Context,
  flooder: readonly string[],
  contenders: readonly Contender[],
  c: Contender | undefined,
  overload: boolean,
): Promise<void> {
  const ms = context.quick ? 200 : 500;
  for (const contender of contenders) await attack(flooder, contender, ms); // what is not compiled yet does not count
  for (const { rates, cpu, alone } of contenders) rates.length = cpu.length = alone.length = 0;
  for (let round = 0; round < (context.quick ? 3 : 5); round++) {
    for (const contender of contenders) {
      if (contender === c) continue;
      if (c !== undefined) {
        await attack(flooder, c, ms);
        contender.base.rates.push(c.rates.at(-1)!);
        contender.base.cpu.push(c.cpu.at(-1)!);
      }
      await attack(flooder, contender, ms);
    }
  }
  if (!overload) return;
  for (const contender of contenders) account(contender, await run(flooder, contender, OVERLOAD, ms));
}

async function run(flooder: readonly string[], { helper }: Contender, inFlight: number, ms: number): Promise<Flood> {
  const command = [...flooder, String(helper.port), String(inFlight), String(ms)];
  const { status, stdout, stderr } = await runToEnd(command, {}, ms + PATIENCE_MS);
  if (status !== 0) throw new Error(`the flooder failed: ${stderr}`);
  return JSON.parse(stdout);
}

async function attack(flooder: readonly string[], contender: Contender, ms: number): Promise<void> {
  const { helper, rates, cpu, alone } = contender;
  const before = cpuOfThreads(helper.pid);
  const many = await run(flooder, contender, IN_FLIGHT, ms);
  cpu.push(cpuSince(helper.pid, before) / many.replies / 1000);
  rates.push(many.within / many.seconds);
  const one = await run(flooder, contender, 1, Math.round(ms / 4));
  alone.push(one.seconds / one.within * 1e6);
  account(contender, many);
  account(contender, one);
}

function account(contender: Contender, { sent, replies, dropped: own = 0 }: Flood): void {
  contender.missing += sent - replies;
  contender.ownDrops += own;
  contender.kernelDrops = contender.ownDrops + dropped(contender.helper.port);
}

/** What the program says at its end of datagrams that it had from the kernel and did not look at. */
function unread({ said }: Contender): number {
  return Number(/(\d+) dropped unread/.exec(said)?.[1] ?? 0);
}

function print(contenders: readonly Contender[], c: Contender | undefined, notes: readonly string[]): void {
  const rows = contenders.map((contender) => {
    const { title, rates, cpu, alone, base, missing, kernelDrops, rss } = contender;
    const dropped = unread(contender);
    const ratio = (values: readonly number[], of: readonly number[]) =>
      contender === c ? "1.00" : c === undefined ? "-" : show(medianRatio(values, of));
    return [
      title,
      ...[show(median(rates)), spread(rates), ratio(rates, base.rates)],
      ...[show(median(cpu)), ratio(cpu, base.cpu), `${show(median(rates) * median(cpu) / 1e4)}%`],
      ...[show(median(alone)), show(rss)],
      ...[kernelDrops, dropped, missing - kernelDrops - dropped].map(showCount),
    ];
  });
  const costs = ["replies/s", "±", "/ C", "CPU µs", "/ C", "busy", "alone µs", "RSS"];
  const heads = ["", ...costs, "kernel", "unread", "lost"];
  printTable("One core's replies", notes, heads, rows);
}
