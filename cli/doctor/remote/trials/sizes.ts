/**
 * Probes of several sizes: whether replies have theirs.
 *
 * @module
 */
import type { Protocol } from "../evidence.ts";
import { stampProbe, tlv, twampProbe } from "../packets.ts";
import type { Bench, Trial } from "../trial.ts";

const TWAMP_SIZES = [14, 41, 42, 64, 128, 300, 576, 1024, 1400];
const STAMP_SIZES = [44, 48, 64, 128, 300, 576, 1024, 1400];
const QUICK = [14, 41, 44, 64, 1024, 1400];

/** A probe of `size` octets: padding in TWAMP, an Extra Padding TLV in STAMP (RFC 8972 section 4.1). */
export function sized(bench: Bench, protocol: Protocol, size: number): Uint8Array {
  if (protocol === "twamp") return twampProbe(size, bench.fields());
  if (size === 44) return stampProbe(bench.fields());
  return stampProbe(bench.fields(), tlv(1, new Uint8Array(size - 48), 0x80));
}

export const SIZES: Trial = {
  name: "sizes",
  slow: false,
  async run(bench) {
    for (const protocol of bench.protocols) {
      const all = protocol === "stamp" ? STAMP_SIZES : TWAMP_SIZES;
      for (const size of bench.quick ? all.filter((one) => QUICK.includes(one)) : all) {
        await bench.insist("sizes", protocol, () => sized(bench, protocol, size));
      }
    }
    // Octets behind the base packet that are no TLV go back as they came (RFC 8762 section 4.3).
    if (bench.protocols.includes("stamp")) {
      await bench.insist("bare", "stamp", () => stampProbe(bench.fields(), new Uint8Array(20)));
    }
  },
};

/** UDP over IPv4 carries no more. */
const MOST = 65_507;
/** With headers, this is within what every path of today has. */
const LEAST = 1024;

/** Looks for the largest size that is answered, each silence asked again. */
async function search(bench: Bench, protocol: Protocol, most: number, unfragmented: boolean): Promise<void> {
  const { main, other } = bench.lines;
  const answered = async (size: number) => {
    for (let i = 0; i < 2; i++) {
      const trial = unfragmented ? "unfragmented" : "largest";
      const asked = await bench.ask(trial, protocol, sized(bench, protocol, size), "", unfragmented ? other : main);
      if (asked.answers.length > 0) return true;
      if (asked.unsent) return false;
    }
    return false;
  };
  if (await answered(most)) return;
  let good = LEAST;
  if (!(await answered(good))) return;
  // The limits that are met most, before halves.
  for (const size of [1472, 1473]) {
    if (size >= most) break;
    if (!(await answered(size))) {
      most = size;
      break;
    }
    good = size;
  }
  while (most - good > 1) {
    const middle = (good + most) >> 1;
    if (await answered(middle)) good = middle;
    else most = middle;
  }
}

export const LARGEST: Trial = {
  name: "the largest size with fragments",
  slow: true,
  run: (bench) => search(bench, bench.protocols[0], MOST, false),
};

/** The largest MTU that networks are built with, less headers. */
const JUMBO = 9216;

export const UNFRAGMENTED: Trial = {
  name: "the largest size without fragments",
  slow: true,
  cannot: ({ lines }) => lines.unfragmented ? undefined : "this transport cannot set Don't Fragment",
  run: (bench) => search(bench, bench.protocols[0], JUMBO, true),
};
