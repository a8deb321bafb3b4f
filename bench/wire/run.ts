/**
 * One run of a sender and a reflector over the cable, captured at both ends.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Context, endHelpers, type Helper, runToEnd, startHelper } from "../support/context.ts";
import type { Program } from "../support/programs.ts";
import type { End, Network } from "./network.ts";
import { readSight, type Sight } from "./truth.ts";

/** A sender and a reflector of one make. */
export interface Maker {
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
  /** It has a `--precise` to be compared with. */
  readonly precise: boolean;
  /** Captures cannot read its numbers. */
  readonly isSealed: boolean;
  reflector(at: string, port: number): readonly string[];
  /** Its lines are in the file; `undefined` if it prints them. */
  sender(from: string, to: string, port: number, plan: Plan, file: string): readonly string[];
}

export interface Plan {
  readonly intervalMs: number;
  readonly count: number;
  readonly precise: boolean;
}

export interface Run {
  readonly near: Sight;
  readonly far: Sight;
  readonly ndjson: string;
}

const PORT = 862;
/** How long a run may take beyond its probes. */
const PATIENCE_MS = 10_000;

export function ours({ title, command, env, transport, precise }: Program): Maker {
  return {
    title,
    env,
    precise,
    isSealed: false,
    reflector: (at, port) => [...command, "responder", `${at}:${port}`, ...transport],
    sender(from, to, port, plan, file) {
      const traffic = ["-i", String(plan.intervalMs), "-c", String(plan.count), "--packet-timeout", "1"];
      const rest = ["-q", "--output", `ndjson:file=${file}`, ...(plan.precise ? ["--precise"] : [])];
      return [...command, "sender", `${to}:${port}`, `${from}:0`, ...transport, ...traffic, ...rest];
    },
  };
}

/** With STAMP; `tlvs` are what its probes ask for. */
export function stamp(program: Program, title: string, tlvs: readonly string[]): Maker {
  const plain = ours(program);
  return {
    ...plain,
    title: `${title}, ${program.title}`,
    precise: false,
    sender(...args) {
      return [...plain.sender(...args), "--protocol", "stamp", ...tlvs.flatMap((tlv) => ["--tlv", tlv])];
    },
  };
}

/** Full TWAMP in `mode`, with the secret in the file `keys`; the session has a port of its own, as by default. */
export function full({ title, command, env, transport }: Program, mode: string, keys: string): Maker {
  const keyed = mode === "open" ? [] : ["--key-file", keys];
  return {
    title: `${mode}, ${title}`,
    env,
    precise: false,
    isSealed: mode !== "open",
    reflector: (at, port) => [...command, "server", at, "--test-ports", `${port}`, ...transport, ...keyed],
    sender(from, to, _port, plan, file) {
      const traffic = ["-i", String(plan.intervalMs), "-c", String(plan.count), "--packet-timeout", "1"];
      const rest = ["-q", "--output", `ndjson:file=${file}`, "--mode", mode, ...keyed];
      return [...command, "controller", to, `${from}:0`, ...transport, ...traffic, ...rest];
    },
  };
}

/** The C program, at `path`. Its lines come from a shell's redirection, so that both kinds are read alike. */
export function floor(path: string): Maker {
  return {
    title: "C",
    env: {},
    precise: false,
    isSealed: false,
    reflector: (at, port) => [path, "reflect", at, String(port)],
    sender(_from, to, port, { intervalMs, count }, file) {
      return ["sh", "-c", 'exec "$@" > "$0"', file, path, "send", to, `${port}`, `${intervalMs * 1000}`, `${count}`];
    },
  };
}

/** Runs it; throws what the sender said when it failed. */
export async function runOnce(
  context: Context,
  network: Network,
  capture: string,
  maker: Maker,
  plan: Plan,
): Promise<Run> {
  const { near, far, device } = network;
  const path = (name: string) => join(context.scratch, `wire-${name}`);
  const counted = maker.isSealed ? ["counted"] : [];
  const at = (end: End, name: string) =>
    startHelper([...end.enter, capture, device, `${PORT}`, path(name), ...counted]);
  const helpers: Helper[] = [];
  try {
    helpers.push(await at(near, "near"), await at(far, "far"));
    helpers.push(await startHelper([...far.enter, ...maker.reflector(far.address, PORT)], maker.env));
    const sender = maker.sender(near.address, far.address, PORT, plan, path("ndjson"));
    const time = plan.count * plan.intervalMs + PATIENCE_MS;
    const { status, stderr } = await runToEnd([...near.enter, ...sender], maker.env, time);
    if (status !== 0) throw new Error(`${maker.title}: the sender ended with ${status}: ${stderr.trim()}`);
  } finally {
    await endHelpers(helpers);
  }
  return { near: readSight(path("near")), far: readSight(path("far")), ndjson: readFileSync(path("ndjson"), "utf8") };
}
