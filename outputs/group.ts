/**
 * Outputs of several sessions at once: how they share one sink.
 *
 * @module
 */
import type { Output, OutputGroup, OutputPlugin, PluginOptions, Sink } from "../core/plugin.ts";
import type { Snapshot } from "../core/snapshot.ts";

/** A group of any plugin: its own, or one that keeps the text of each session together. */
export function groupOf(plugin: OutputPlugin, options: PluginOptions, sink: Sink): OutputGroup {
  return plugin.createGroup?.(options, sink) ?? new InOrder(sink, (own) => plugin.create(options, own));
}

/** A `createGroup` for lines that say which session they are of: they are written as they come. */
export function shared(create: OutputPlugin["create"]): NonNullable<OutputPlugin["createGroup"]> {
  return (options, sink) => ({ session: () => create(options, sink) });
}

/** UTF-16 units that are kept until their turn. */
const MOST_KEPT = 2 ** 23;

/**
 * Session after session: the text of one whose turn has not come is kept. The first has its turn at once, so that for
 * it nothing is kept, and each other when the one before has ended.
 */
class InOrder implements OutputGroup {
  readonly #sink: Sink;
  readonly #create: (sink: Sink) => Output;
  /** By number; what waits. */
  readonly #kept: string[] = [];
  #keptUnits = 0;
  /** Of the sessions that there are: one that was refused is not waited for. */
  readonly #numbers: number[] = [];
  #turn = 0;

  constructor(sink: Sink, create: (sink: Sink) => Output) {
    this.#sink = sink;
    this.#create = create;
  }

  session(number: number): Output {
    this.#numbers.push(number);
    const write = (chunk: string) => this.#write(number, chunk);
    const output = this.#create({ write, close: () => Promise.resolve() });
    const told: Output = {
      end: (summary: Snapshot) => {
        const ending = output.end(summary);
        if (ending === undefined) return this.#next(number);
        return ending.then(() => this.#next(number));
      },
    };
    if (output.begin !== undefined) told.begin = (run) => output.begin!(run);
    if (output.interval !== undefined) told.interval = (snapshot) => this.#check(output.interval!(snapshot));
    if (output.probe !== undefined) told.probe = (probe) => this.#check(output.probe!(probe));
    return told;
  }

  /** What is left of sessions that were never ended comes last. */
  end(): void {
    while (this.#turn < this.#numbers.length) this.#next(this.#numbers[this.#turn]);
  }

  #write(number: number, chunk: string): void {
    if (number <= (this.#numbers[this.#turn] ?? Infinity)) return this.#sink.write(chunk);
    this.#keptUnits += chunk.length;
    if (this.#keptUnits <= MOST_KEPT) this.#kept[number] = (this.#kept[number] ?? "") + chunk;
  }

  /** Thrown to the host and not to whoever writes: a plugin may write when nobody is there to catch it. */
  #check(_done: void): void {
    if (this.#keptUnits > MOST_KEPT) {
      throw new Error("it writes too much to be kept until the sessions before have ended: measure one session");
    }
  }

  #next(number: number): void {
    this.#check();
    if (number !== this.#numbers[this.#turn]) return;
    const next = this.#numbers[++this.#turn];
    const text = this.#kept[next];
    if (text === undefined) return;
    delete this.#kept[next];
    this.#keptUnits -= text.length;
    this.#sink.write(text);
  }
}
