/**
 * Access Report (RFC 8972 section 4.6): tells the far end how an access network is, and again until it has answered.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import type { TlvPlugin } from "../../core/plugin.ts";
import type { TlvTimer } from "../../core/tlv.ts";
import type { Mono, Nanos } from "../../core/time/clock.ts";
import { TlvFlag } from "../../core/wire/tlv.ts";
import { ACCESS_IDS, ACCESS_VALUE, RETURN_CODES, TlvType } from "../../core/wire/tlv_layouts.ts";

const LENGTH = 4;
const IDS = ["3gpp", "non-3gpp"] as const;
const CODES = ["available", "unavailable"] as const;
const MOST_REPEATS = 100;

/** Sent once, and again each `wait` until it is answered, `repeats` times at the most. */
class Retransmission implements TlvTimer {
  #now: Mono = 0;
  #due: Mono = -Infinity;
  #left: number;
  readonly #wait: Nanos;

  constructor(wait: Nanos, repeats: number) {
    this.#wait = wait;
    this.#left = repeats + 1;
  }

  pollTimeout(): Mono {
    // Before the first: with the first probe of the schedule.
    return this.#due === -Infinity ? Infinity : this.#due;
  }

  handleTimeout(now: Mono): void {
    this.#now = now;
    if (this.#left === 0 && now >= this.#due) this.#due = Infinity; // given up
  }

  /** Whether the probe that is written now has the report. */
  take(): boolean {
    if (this.#due > this.#now || this.#left === 0) return false;
    this.#left--;
    this.#due = this.#now + this.#wait;
    return true;
  }

  stop(): void {
    this.#left = 0;
    this.#due = Infinity;
  }
}

export const access: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "access",
  type: TlvType.ACCESS,
  summary: "Access Report: tells the far end how an access network is, once, and again until it answers",
  options: [
    { name: "id", type: "string", choices: IDS, default: "3gpp", summary: "the access network" },
    { name: "code", type: "string", choices: CODES, default: "available", summary: "how it is" },
    { name: "timeout", type: "duration", default: "3s", summary: "before it is sent again" },
    { name: "repeats", type: "number", default: 4, summary: "how often at the most" },
  ],
  create(options) {
    const wait = Number(options.timeout);
    const repeats = Number(options.repeats);
    if (!(wait >= 1e6)) throw new OptionError(`timeout of the access TLV is too short: give 1ms or more`);
    if (!Number.isInteger(repeats) || repeats < 0 || repeats > MOST_REPEATS) {
      throw new OptionError(`repeats ${options.repeats} of the access TLV is out of range: give 0 to ${MOST_REPEATS}`);
    }
    const timer = new Retransmission(wait, repeats);
    const id = 1 + IDS.indexOf(options.id as typeof IDS[number]);
    const code = 1 + CODES.indexOf(options.code as typeof CODES[number]);
    return {
      type: TlvType.ACCESS,
      name: "access",
      layout: ACCESS_VALUE,
      length: LENGTH,
      timer,
      write(view, at) {
        if (!timer.take()) return false;
        view.setUint8(at, id << 4);
        view.setUint8(at + 1, code);
      },
      read(view, at, length, out) {
        if (length !== LENGTH) return;
        timer.stop();
        out["access.id"] = ACCESS_IDS[view.getUint8(at) >> 4] ?? view.getUint8(at) >> 4;
        out["access.code"] = RETURN_CODES[view.getUint8(at + 1)] ?? view.getUint8(at + 1);
      },
    };
  },
  answer: {
    type: TlvType.ACCESS,
    /**
     * It goes back as it came, with what is reserved zero. Another network than those two is not a report: the TLV is left
     * alone.
     */
    reflect(_context, { view }, _slot, at, length) {
      if (length !== LENGTH) return TlvFlag.M;
      const id = view.getUint8(at) >> 4;
      if (id !== 1 && id !== 2) return TlvFlag.U;
      view.setUint8(at, id << 4);
      view.setUint16(at + 2, 0);
      return 0;
    },
  },
};
