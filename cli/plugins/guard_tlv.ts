/**
 * STAMP extensions from files. At a sender what one brings back is left out once it went wrong, and its probes are padded
 * in its place; at a reflector its type comes back as not understood.
 *
 * @module
 */
import type { TlvPlugin } from "../../core/plugin.ts";
import type { Tlv, TlvAnswer, TlvValues } from "../../core/tlv.ts";
import { MAX_PAYLOAD } from "../../core/wire/test_packet.ts";
import { TlvFlag } from "../../core/wire/tlv.ts";
import { type Guard, lacks } from "./guard.ts";

/** Octets of the longest value there can be, and more. */
const MAX_DATAGRAM = 65_536;
/** Flags that an answer may give; I is the walk's. */
const ANSWER_FLAGS = TlvFlag.U | TlvFlag.M | TlvFlag.C;

/** The same plugin, guarded. */
export function guardTlv(plugin: TlvPlugin, guard: Guard): TlvPlugin {
  const { api, kind, name, summary, options: specs, type, answer } = plugin;
  return {
    ...{ api, kind, name, summary, options: specs, type },
    create(options) {
      const made = guard.create(() => plugin.create(options));
      const missing = lacks(made, ["write"]);
      if (missing !== undefined) guard.refuse(`create returned nothing that has a method '${missing}'`);
      if (made.type !== type) guard.refuse(`create returned type ${made.type}, and the plugin has ${type}`);
      const { length } = made;
      if (!Number.isInteger(length) || length < 0 || length > MAX_PAYLOAD) {
        guard.refuse(`length is ${length}: the octets of its value, the same in every probe`);
      }
      // They decide when probes leave and what is measured: of a plugin nobody could check that.
      if (made.timer !== undefined) guard.refuse("it has a timer, which only built-in TLVs can have");
      if (made.late !== undefined) guard.refuse("it has late stamps, which only built-in TLVs can have");
      return guardedTlv(made, name, type, length, guard);
    },
    answer: answer && guardedAnswer(answer, guard),
  };
}

function guardedTlv(made: Tlv, name: string, type: number, length: number, guard: Guard): Tlv {
  const scratch = new DataView(new ArrayBuffer(length));
  const found: TlvValues = {};
  const guarded: Tlv = {
    type,
    name,
    length,
    asksSeveral: made.asksSeveral === true,
    write(view, at, seq) {
      if (guard.off) return false;
      try {
        for (let i = 0; i < length; i++) scratch.setUint8(i, 0);
        if (made.write(scratch, 0, seq) === false) return false;
        for (let i = 0; i < length; i++) view.setUint8(at + i, scratch.getUint8(i));
        return true;
      } catch (error) {
        guard.fail(guard.threw("write", error));
        return false;
      }
    },
  };
  if (made.read === undefined) return guarded;
  return {
    ...guarded,
    read(view, at, size, out, ptp) {
      if (guard.off) return true;
      for (const key in found) delete found[key];
      try {
        if (made.read!(view, at, size, found, ptp) === false) return false;
        for (const key in found) keep(found[key], key, name, out);
      } catch (error) {
        guard.fail(guard.threw("read", error));
      }
      return true;
    },
  };
}

/** Results have numbers and texts, under the plugin's name. */
function keep(value: unknown, key: string, name: string, out: TlvValues): void {
  if (typeof value !== "number" && typeof value !== "string") {
    throw new TypeError(`value '${key}' is ${typeof value}: give a number or a text`);
  }
  out[key.startsWith(`${name}.`) ? key : `${name}.${key}`] = value;
}

function guardedAnswer(answer: TlvAnswer, guard: Guard): TlvAnswer {
  const before = new Uint8Array(MAX_DATAGRAM);
  return {
    type: answer.type,
    reflect(context, batch, slot, at, length) {
      if (guard.off) return TlvFlag.U;
      for (let i = 0; i < length; i++) before[i] = batch.bytes[at + i];
      try {
        const flags: unknown = answer.reflect(context, batch, slot, at, length);
        if (typeof flags === "number" && Number.isInteger(flags) && (flags & ~ANSWER_FLAGS) === 0) return flags;
        guard.fail(guard.says(`answer.reflect returned ${flags}: give 0, or U 0x80, M 0x40, C 0x10`), U_FROM_NOW);
      } catch (error) {
        guard.fail(guard.threw("answer.reflect", error), U_FROM_NOW);
      }
      for (let i = 0; i < length; i++) batch.bytes[at + i] = before[i];
      return TlvFlag.U;
    },
  };
}

const U_FROM_NOW = "; from now on it is answered as not understood";
