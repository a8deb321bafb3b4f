/**
 * Whose hardware stamps: the interface that packets pass, as far as their addresses say.
 *
 * @module
 */
import { networkInterfaces } from "node:os";
import { formatAddress, parseAddress } from "../core/address.ts";
import { OptionError } from "../core/errors.ts";
import type { SocketOptions } from "../core/transport.ts";
import { isWildcard, sourceAddress, type Target } from "./resolve.ts";

/** An address of this host. */
export interface OwnAddress {
  readonly name: string;
  readonly address: string;
  readonly internal: boolean;
  /** Of IPv6 link-local ones: the number that a zone may be written as. */
  readonly scope: number | undefined;
}

function ownAddresses(): OwnAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, entries]) =>
    (entries ?? []).map((entry) => ({
      name: name.replace(/:.*/, ""), // `eth0:1` is a label of an address on eth0
      address: entry.address,
      internal: entry.internal,
      scope: entry.family === "IPv6" ? entry.scopeid : undefined,
    }))
  );
}

/** The interface that has `host`, a literal with its zone if it has one; undefined if none does. */
export function interfaceOf(host: string, own: readonly OwnAddress[]): string | undefined {
  const address = parseAddress(host);
  if (address === undefined) return undefined;
  const { zone } = address;
  if (zone !== undefined) return /^\d+$/.test(zone) ? own.find((entry) => entry.scope === Number(zone))?.name : zone;
  const text = formatAddress(address.octets);
  return own.find((entry) => entry.address.replace(/%.*/, "") === text)?.name;
}

/**
 * `options` with the interface whose card is to stamp, where hardware stamps are asked for. A responder (no `remote`) on
 * all addresses has none by itself; probes to an address of this host never leave it, whatever their source is.
 */
export async function withStampInterface(
  options: SocketOptions,
  local: Target,
  remote: Target | undefined,
): Promise<SocketOptions> {
  if (options.stamps !== "hardware" || options.interface !== undefined) return options;
  const own = ownAddresses();
  const toSelf = remote !== undefined && own.some(({ address }) => address === formatAddress(remote.address.octets));
  const source = !isWildcard(local.host) ? local.host : remote && (await sourceOf(remote));
  const name = toSelf ? own.find(({ internal }) => internal)?.name : source && interfaceOf(source, own);
  if (name) return { ...options, stampInterface: name };
  const names = [...new Set(own.filter(({ internal }) => !internal).map((entry) => entry.name))].join(", ");
  throw new OptionError(
    `--timestamp hardware: it is not known which interface's; name the interface: --interface ${
      names === "" ? "eth0" : `NAME (there is: ${names})`
    }`,
  );
}

async function sourceOf(remote: Target): Promise<string | undefined> {
  return remote.address.zone === undefined ? await sourceAddress(remote) : remote.host;
}
