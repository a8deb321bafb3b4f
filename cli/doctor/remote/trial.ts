/**
 * What a trial is, and what it has to work with.
 *
 * @module
 */
import type { Asked, Protocol, TrialId } from "./evidence.ts";
import type { Exchange, Line } from "./exchange.ts";
import { type ProbeFields, stampProbe, twampProbe } from "./packets.ts";

/** The sockets, as far as the transport can have them. */
export interface Lines {
  readonly main: Line;
  /** From another port, with another TTL and without fragments, as far as these can be set. */
  readonly other: Line;
  /** Whether `other` sends without fragments. */
  readonly unfragmented: boolean;
  /** With another TOS octet; undefined where none can be set, or none be read. */
  readonly marked: Line | undefined;
}

/** What trials share. */
export class Bench {
  readonly exchange: Exchange;
  readonly lines: Lines;
  readonly errorEstimate: number;
  readonly quick: boolean;
  /** The address asked, 4 or 16 octets, and that of this end where it is known. */
  readonly address: Uint8Array;
  protocols: readonly Protocol[];
  #seq: number;

  constructor(
    exchange: Exchange,
    lines: Lines,
    about: Pick<Bench, "errorEstimate" | "quick" | "protocols" | "address"> & { readonly firstNumber: number },
  ) {
    this.exchange = exchange;
    this.lines = lines;
    this.errorEstimate = about.errorEstimate;
    this.quick = about.quick;
    this.protocols = about.protocols;
    this.address = about.address;
    this.#seq = about.firstNumber;
  }

  /** The fields of the next probe; numbers go up by one. */
  fields(ssid = 0): ProbeFields {
    return { seq: this.#seq++, errorEstimate: this.errorEstimate, ssid };
  }

  /** Leaves numbers out, as loss on the way would. */
  skip(numbers: number): void {
    this.#seq += numbers;
  }

  /** A probe of the smallest size that both directions can have. */
  base(protocol: Protocol, fields: ProbeFields = this.fields()): Uint8Array {
    return protocol === "stamp" ? stampProbe(fields) : twampProbe(41, fields);
  }

  ask(
    trial: TrialId,
    protocol: Protocol,
    octets: Uint8Array,
    detail = "",
    line: Line = this.lines.main,
  ): Promise<Asked> {
    return this.exchange.ask(line, { trial, protocol, octets, detail });
  }

  /** The same, and once again if nothing comes: what was lost on the way is not laid to the far end. */
  async insist(trial: TrialId, protocol: Protocol, make: () => Uint8Array, detail = ""): Promise<void> {
    const { answers } = await this.ask(trial, protocol, make(), detail);
    if (answers.length === 0) await this.ask(trial, protocol, make(), detail);
  }
}

/** One question, and the probes that it takes. */
export interface Trial {
  /** In words, for what could not be examined. */
  readonly name: string;
  /** Left out by `--quick`. */
  readonly slow: boolean;
  /** Why it cannot be made here. */
  cannot?(bench: Bench): string | undefined;
  run(bench: Bench): Promise<void>;
}
