/**
 * The worker threads of a responder, as the main thread sees them. Each has a socket of its own on the one port, its
 * own sessions and counters; the system gives every flow to one of them, by a hash.
 *
 * The hash depends on how many sockets there are. So nobody answers before all are bound, none is closed before all
 * have ended, and when one dies all end: the others would get its flows, or some of theirs would change places, and
 * every session that moves is numbered anew, which a sender takes for a reflector that began anew.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { Exit, Failure } from "./exit.ts";
import { faults } from "./plugins/faults.ts";
import type { Plan, Tally } from "./reflecting.ts";

/** What all workers are asked to do. */
export const Asked = { BIND: 0, RUN: 1, STOP: 2 } as const;

/** What a worker is given. */
export interface WorkerData {
  readonly plan: Plan;
  /**
   * One of {@linkcode Asked}, in memory that all share. Not a message: while a worker waits by turns of `setImmediate`,
   * Deno hands it messages only every 28 turns, which is half a second; its timers are on time.
   */
  readonly asked: Int32Array;
}

/** What it says, in this order, and `log` in between. */
export type FromWorker =
  | { readonly kind: "bound" | "running" }
  | { readonly kind: "log" | "fault"; readonly line: string }
  | { readonly kind: "tally"; readonly tally: Tally }
  | { readonly kind: "failed"; readonly status: number; readonly line: string };

/** What is needed of a `Worker`; tests have others. */
export interface Thread {
  on(event: "message", listener: (message: FromWorker) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "exit", listener: (status: number) => void): unknown;
  terminate(): Promise<unknown>;
}

function startThread(workerData: WorkerData): Thread {
  return new Worker(new URL("./responder_worker.ts", import.meta.url), { workerData });
}

interface Milestone<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

function milestone<T>(): Milestone<T> {
  const made = Promise.withResolvers<T>();
  made.promise.catch(() => {}); // whoever waits for it hears of it, and nobody may
  return made;
}

/** One of them. */
class Member {
  readonly bound = milestone<void>();
  readonly running = milestone<void>();
  readonly tally = milestone<Tally>();
  readonly thread: Thread;
  #failed = false;

  constructor(name: string, thread: Thread, log: (line: string) => void, died: (why: Failure) => void) {
    this.thread = thread;
    let begun = false;
    let done = false;
    const fail = (status: number, line: string) => {
      if (this.#failed || done) return;
      this.#failed = true;
      const why = new Failure(
        begun ? Exit.NOT_MADE : status,
        begun ? `${name} died (${line}), so all ended: start the responder again` : line,
      );
      for (const { reject } of [this.bound, this.running, this.tally]) reject(why);
      died(why);
    };
    thread.on("message", (message) => {
      switch (message.kind) {
        case "log":
          return log(message.line);
        case "fault":
          return faults.record(message.line);
        case "failed":
          return fail(message.status, message.line);
        case "tally":
          done = true;
          return this.tally.resolve(message.tally);
        case "bound":
          return this.bound.resolve();
        case "running":
          begun = true;
          return this.running.resolve();
      }
    });
    thread.on("error", (error) => fail(Exit.NOT_MADE, error.message.split("\n")[0]));
    thread.on("exit", (status) => fail(Exit.NOT_MADE, `its thread ended with ${status}`));
  }
}

/** All workers but the main thread, which is number 1. */
export class Workers {
  /** Why the first one died that did. */
  failure: Failure | undefined;
  /** Called when one dies. */
  onDeath: () => void = () => {};
  readonly #members: readonly Member[];
  readonly #asked = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  /** Starts as many as `plans` has; `log` gets their lines. */
  constructor(plans: readonly Plan[], log: (line: string) => void, start: (data: WorkerData) => Thread = startThread) {
    const died = (why: Failure) => {
      this.failure ??= why;
      this.onDeath();
    };
    this.#members = plans.map((plan, at) =>
      new Member(`worker ${at + 2} of ${plans.length + 1}`, start({ plan, asked: this.#asked }), log, died)
    );
  }

  /** Resolves when all are bound. */
  async bound(): Promise<void> {
    await Promise.all(this.#members.map(({ bound }) => bound.promise));
  }

  /** Has all answer from now on. */
  async run(): Promise<void> {
    Atomics.store(this.#asked, 0, Asked.RUN);
    await Promise.all(this.#members.map(({ running }) => running.promise));
  }

  /** Has all end; resolves to what each has done, undefined for one that died. */
  async stop(): Promise<(Tally | undefined)[]> {
    Atomics.store(this.#asked, 0, Asked.STOP);
    return await Promise.all(this.#members.map(({ tally }) => tally.promise.catch(() => undefined)));
  }

  /** Takes the threads away, whatever they do: the process would wait for them. */
  async end(): Promise<void> {
    this.onDeath = () => {};
    await Promise.all(this.#members.map(({ thread }) => thread.terminate()));
  }
}
