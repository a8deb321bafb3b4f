/**
 * STAMP extensions of a sender, from what the user said.
 *
 * @module
 */
import { OptionError } from "../core/errors.ts";
import { parsePluginOptions } from "../core/plugin_options.ts";
import type { Tlv, TlvMac } from "../core/tlv.ts";
import { MAX_PAYLOAD, STAMP_SIZE } from "../core/wire/test_packet.ts";
import { TlvType } from "../core/wire/tlv_layouts.ts";
import { tlvSize } from "../core/session/tlv_writer.ts";
import { registry } from "./plugins/registry.ts";

/** No plugin: it has no value of its own, but a key, and its place is behind all others. */
const HMAC = "hmac";

/** Whether `--tlv hmac` is among them: an HMAC TLV in every probe, whatever else there is. */
export function asksForHmac(
  { tlv, keyFile }: { readonly tlv: readonly string[]; readonly keyFile: string | undefined },
): boolean {
  if (!tlv.includes(HMAC)) return false;
  if (keyFile === undefined) {
    throw new OptionError("--tlv hmac needs a key: give --key-file FILE with lines of 'identity secret'");
  }
  return true;
}

/** What `--tlv` asks for, in this order; `mac` is of their HMAC TLV. */
export function createTlvs(
  { tlv, protocol, ssid }: {
    readonly tlv: readonly string[];
    readonly protocol: "twamp" | "stamp";
    readonly ssid: number;
  },
  mac?: TlvMac,
): Tlv[] {
  const given = tlv.filter((text) => text !== HMAC);
  if (tlv.length > 0 && protocol !== "stamp") {
    throw new OptionError(`--tlv '${tlv[0]}' is an extension of STAMP: add --protocol stamp`);
  }
  const asked = given.map((text) => parsePluginOptions("--tlv", text, registry.tlvs));
  const tlvs = asked.map(({ plugin, options }) => plugin.create(options));
  // What comes back is told apart by type; padding means nothing either way.
  const twice = tlvs.find(({ type }, i) => type !== TlvType.PADDING && tlvs.findIndex((one) => one.type === type) < i);
  if (twice !== undefined) throw new OptionError(`--tlv ${twice.name} was given twice: give it once`);
  if (ssid === 0 && tlvs.some(({ type }) => type === TlvType.DESTINATION)) {
    throw new OptionError("--tlv destination needs a session identifier (RFC 9503 section 3): add --ssid 1");
  }
  const isNone = asked.some(({ plugin, options }) =>
    plugin.type === TlvType.RETURN_PATH && options.code === "no-reply"
  );
  if (isNone && tlvs.some(({ type }) => type === TlvType.CONTROL)) {
    throw new OptionError(
      "--tlv return-path:code=no-reply asks for no reply and --tlv control for some (RFC 10052): leave one out",
    );
  }
  const size = STAMP_SIZE + tlvSize(tlvs, mac);
  if (size > MAX_PAYLOAD) throw new OptionError(`--tlv: probes would have ${size} octets: make padding shorter`);
  return tlvs;
}
