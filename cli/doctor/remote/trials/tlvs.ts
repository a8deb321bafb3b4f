/**
 * Each TLV by itself, behind a base packet.
 *
 * @module
 */
import { stampProbe } from "../packets.ts";
import { TLV_CASES } from "../tlv_table.ts";
import type { Trial } from "../trial.ts";

export const TLVS: Trial = {
  name: "STAMP extensions",
  slow: false,
  cannot: (bench) => bench.protocols.includes("stamp") ? undefined : "it does not answer STAMP",
  async run(bench) {
    for (const one of TLV_CASES) {
      // RFC 9503 section 3 wants the SSID sent beside an address.
      const make = () => stampProbe(bench.fields(1), one.octets(bench.address));
      await bench.insist("tlv", "stamp", make, one.id);
    }
  },
};
