/**
 * An output from a file: whatever it does, the other outputs and the result go on.
 *
 * It throws to `OutputSet`, which switches it off; nothing here does.
 *
 * @module
 */
import type { Output, OutputGroup, OutputPlugin, Sink } from "../../core/plugin.ts";
import { copyRecord, createRecord } from "../../core/record.ts";
import { type Guard, lacks } from "./guard.ts";

/** What `end` may take; somebody waits for the result. */
export const END_DEADLINE_MS = 5000;

/** The plugin's own, that it can do no harm with. */
function ownSink(sink: Sink, guard: Guard): Sink {
  return {
    write(chunk) {
      if (typeof chunk !== "string") throw new TypeError(`write takes a text, and was given ${typeof chunk}`);
      if (!guard.off) sink.write(chunk);
    },
    // The program closes it, when all have ended.
    close: () => Promise.resolve(),
  };
}

class GuardedOutput {
  readonly #guard: Guard;
  readonly #inner: Output | undefined;
  /** What it threw when nobody could be told. */
  #error: Error | undefined;
  /** What `begin`, `probe` and `interval` left undone, if they were async. */
  #pending: Promise<void> = Promise.resolve();

  constructor(guard: Guard, create: () => Output) {
    this.#guard = guard;
    try {
      const made = create();
      const missing = lacks(made, ["end"]);
      if (missing === undefined) this.#inner = made;
      else this.#error = new Error(guard.says(`create returned nothing that has a method '${missing}'`));
    } catch (error) {
      this.#error = new Error(guard.threw("create", error));
    }
  }

  /** An output with as many methods as the plugin's: an absent one costs nothing. */
  output(): Output {
    const inner = this.#inner;
    if (inner === undefined) return { begin: () => this.#rethrow(), end: () => this.#rethrow() };
    const copy = createRecord();
    const made: Output = {
      begin: (run) => this.#call("begin", () => inner.begin?.(run)),
      end: (summary) => this.#within("end", () => inner.end(summary)),
    };
    if (inner.probe !== undefined) {
      made.probe = (probe) =>
        this.#call("probe", () => {
          // Of its own: what it writes there nobody else reads.
          copyRecord(probe, copy);
          return inner.probe!(copy);
        });
    }
    if (inner.interval !== undefined) {
      made.interval = (snapshot) => this.#call("interval", () => inner.interval!(snapshot));
    }
    if (inner.exitStatus !== undefined) made.exitStatus = () => askStatus(this.#guard, () => inner.exitStatus!());
    return made;
  }

  #rethrow(): void {
    if (this.#error === undefined) return;
    this.#guard.off = true;
    throw this.#error;
  }

  #call(name: string, call: () => unknown): void {
    this.#rethrow();
    try {
      const result = call();
      if (result instanceof Promise) this.#keep(name, result);
    } catch (error) {
      this.#error = new Error(this.#guard.threw(name, error));
      this.#rethrow();
    }
  }

  #keep(name: string, result: Promise<unknown>): void {
    const settled = result.then(() => {}, (error) => {
      this.#error ??= new Error(this.#guard.threw(name, error));
    });
    this.#pending = Promise.all([this.#pending, settled]).then(() => {});
  }

  async #within(name: string, call: () => unknown): Promise<void> {
    this.#rethrow();
    await withinDeadline(this.#guard, name, async () => {
      await this.#pending;
      this.#rethrow();
      await call();
    });
  }
}

/** An exit status is 0 to 255; what is none, and what is thrown, switches the output off. */
function askStatus(guard: Guard, ask: () => unknown): number | undefined {
  if (guard.off) return undefined;
  try {
    const status = ask();
    if (status === undefined) return undefined;
    if (typeof status === "number" && Number.isInteger(status) && status >= 0 && status <= 255) return status;
    guard.fail(guard.says(`exitStatus is no whole number from 0 to 255`));
  } catch (error) {
    guard.fail(guard.threw("exitStatus", error));
  }
  return undefined;
}

async function withinDeadline(guard: Guard, name: string, call: () => Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), END_DEADLINE_MS);
  });
  const done = call().then(() => "done" as const);
  done.catch(() => {}); // too late to tell anybody
  try {
    if (await Promise.race([done, late]) === "done") return;
  } catch (error) {
    const known = guard.off ? error as Error : new Error(guard.threw(name, error));
    guard.off = true;
    throw known;
  } finally {
    clearTimeout(timer);
  }
  guard.off = true;
  throw new Error(guard.says(`${name} has not returned after ${END_DEADLINE_MS / 1000} s`));
}

/** The same plugin, guarded. */
export function guardOutput(plugin: OutputPlugin, guard: Guard): OutputPlugin {
  const { createGroup } = plugin;
  const guarded: OutputPlugin = {
    ...about(plugin),
    create: (options, sink) => new GuardedOutput(guard, () => plugin.create(options, ownSink(sink, guard))).output(),
  };
  if (createGroup === undefined) return guarded;
  return {
    ...guarded,
    createGroup(options, sink): OutputGroup {
      let group: OutputGroup | undefined;
      // Made with the first session, so that what it throws is told as what `create` throws.
      const made = () => group ??= createGroup.call(plugin, options, ownSink(sink, guard));
      return {
        session: (number) => new GuardedOutput(guard, () => made().session(number)).output(),
        end: () => withinDeadline(guard, "end", async () => await group?.end?.()),
        exitStatus: () => askStatus(guard, () => group?.exitStatus?.()),
      };
    },
  };
}

function about({ api, kind, name, summary, options, inOnePiece, atEnd }: OutputPlugin) {
  return { api, kind, name, summary, options, inOnePiece: inOnePiece === true, atEnd: atEnd === true };
}
