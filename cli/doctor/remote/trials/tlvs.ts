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
      // RFC 9503 section 3 wants the SSID beside an address; a reflector that sets it apart by its own numbers is not confused.
      const fields = bench.fields(1);
      await bench.ask("tlv", "stamp", stampProbe(fields, one.octets(bench.address)), one.id);
    }
  },
};
