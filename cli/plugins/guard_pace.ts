/**
 * Traffic profiles and schedules from files: a size or a gap that cannot be ends the run, with what was measured.
 *
 * @module
 */
import type { PacketShape, Schedule, SchedulePlugin, TrafficPlugin, TrafficProfile } from "../../core/plugin.ts";
import { MAX_PAYLOAD } from "../../core/wire/test_packet.ts";
import { TLV_HEADER } from "../../core/wire/tlv.ts";
import { type Guard, lacks } from "./guard.ts";

/** Whether a probe can have so many octets; STAMP pads by a TLV, which has a header (RFC 8972 section 4.1). */
function isSize(size: unknown, { base, protocol }: PacketShape, most: number): size is number {
  if (typeof size !== "number" || !Number.isInteger(size) || size < base || size > most) return false;
  return size === base || protocol !== "stamp" || size >= base + TLV_HEADER;
}

function shape({ base, protocol }: PacketShape, most: number): string {
  const from = protocol === "stamp" ? `${base}, or ${base + TLV_HEADER}` : String(base);
  return `a whole number of octets, ${from} to ${most}`;
}

/** The same plugin, guarded. */
export function guardTraffic(plugin: TrafficPlugin, guard: Guard): TrafficPlugin {
  const { api, kind, name, summary, options: specs } = plugin;
  return {
    ...{ api, kind, name, summary, options: specs },
    create(options, packet) {
      // A plugin that writes into the seed would change what others draw from it.
      const own = { ...packet, seed: packet.seed.slice() };
      const made = guard.create(() => plugin.create(options, own));
      const missing = lacks(made, ["size", "fill"]);
      if (missing !== undefined) guard.refuse(`create returned nothing that has a method '${missing}'`);
      const { maxSize } = made;
      if (!isSize(maxSize, packet, MAX_PAYLOAD)) {
        guard.refuse(`maxSize is ${maxSize}: ${shape(packet, MAX_PAYLOAD)}`);
      }
      return guardedTraffic(made, packet, maxSize, guard);
    },
  };
}

function guardedTraffic(made: TrafficProfile, packet: PacketShape, maxSize: number, guard: Guard): TrafficProfile {
  // It fills this, and never the packet itself, where the header is.
  const scratch = new Uint8Array(maxSize);
  return {
    name: nameOf(made, guard),
    maxSize,
    size(seq) {
      if (guard.off) return packet.base;
      try {
        const size: unknown = made.size(seq);
        if (isSize(size, packet, maxSize)) return size;
        guard.failForGood(guard.says(`size(${seq}) is ${size}: ${shape(packet, maxSize)}`));
      } catch (error) {
        guard.failForGood(guard.threw(`size(${seq})`, error));
      }
      return packet.base;
    },
    fill(bytes, at, end, seq) {
      const length = end - at;
      if (length === 0) return;
      if (!guard.off) {
        try {
          made.fill(scratch, 0, length, seq);
        } catch (error) {
          guard.failForGood(guard.threw(`fill of probe ${seq}`, error));
        }
      }
      for (let i = 0; i < length; i++) bytes[at + i] = scratch[i];
    },
  };
}

/** The same plugin, guarded. */
export function guardSchedule(plugin: SchedulePlugin, guard: Guard): SchedulePlugin {
  const { api, kind, name, summary, options: specs } = plugin;
  return {
    ...{ api, kind, name, summary, options: specs },
    create(options, interval, seed) {
      const made = guard.create(() => plugin.create(options, interval, seed.slice()));
      const missing = lacks(made, ["next"]);
      if (missing !== undefined) guard.refuse(`create returned nothing that has a method '${missing}'`);
      return guardedSchedule(made, guard);
    },
  };
}

function guardedSchedule(made: Schedule, guard: Guard): Schedule {
  return {
    name: nameOf(made, guard),
    next() {
      if (guard.off) return Infinity;
      try {
        const gap: unknown = made.next();
        // Exact up to 104 days; less than a nanosecond is no time.
        if (typeof gap === "number" && gap >= 0 && gap <= Number.MAX_SAFE_INTEGER) return Math.round(gap);
        const found = typeof gap === "number" ? gap : `a ${typeof gap}`;
        guard.failForGood(
          guard.says(`next() is ${found}: a gap is a number of nanoseconds, 0 or more, and 104 days at most`),
        );
      } catch (error) {
        guard.failForGood(guard.threw("next", error));
      }
      return Infinity;
    },
  };
}

/** As it stands in results. */
function nameOf({ name }: { readonly name: unknown }, guard: Guard): string {
  return typeof name === "string" && name !== "" ? name : guard.name;
}
