/**
 * Host names of the runtimes' socket calls to and from the octets of `Batch.peer`, remembered, so that a packet does not
 * cost a parse and a format.
 *
 * @module
 */
import { formatAddress, isMappedIpv4, parseAddress } from "../../core/address.ts";
import { PEER_PORT, PEER_SIZE } from "../../core/batch.ts";
import { TransportError } from "../../core/errors.ts";

const REMEMBERED = 1024;

/** One socket's peers. `family` 6 writes IPv4 peers as `::ffff:a.b.c.d`, as a dual-stack socket wants them. */
export class AddressBook {
  readonly #family: 4 | 6;
  readonly #octets = new Map<string, Uint8Array>();
  readonly #zones: string[] = [];
  readonly #keys = new Uint8Array(REMEMBERED * PEER_SIZE);
  readonly #names: (string | undefined)[] = new Array(REMEMBERED).fill(undefined);

  constructor(family: 4 | 6) {
    this.#family = family;
  }

  /** Writes the peer `host`, `port` at `at` of `out`; false if `host` is no address. */
  write(host: string, port: number, out: Uint8Array, at: number): boolean {
    const octets = this.#octets.get(host) ?? this.#learn(host);
    if (octets === undefined) return false;
    out.set(octets, at);
    out[at + PEER_PORT] = port >> 8;
    out[at + PEER_PORT + 1] = port & 0xff;
    return true;
  }

  /** The octets of one peer. */
  peer(host: string, port: number): Uint8Array {
    const out = new Uint8Array(PEER_SIZE);
    if (!this.write(host, port, out, 0)) {
      throw new TransportError("unresolved", `'${host}' is not an address: look the name up first`);
    }
    return out;
  }

  #learn(host: string): Uint8Array | undefined {
    const address = parseAddress(host);
    if (address === undefined) return undefined;
    const octets = new Uint8Array(PEER_SIZE);
    octets.set(address.octets);
    if (address.zone !== undefined) {
      // The scope field holds a number of ours for the zone: its text is what the runtimes want back.
      let zone = this.#zones.indexOf(address.zone);
      if (zone < 0) zone = this.#zones.push(address.zone) - 1;
      octets[PEER_PORT + 5] = zone + 1;
    }
    if (this.#octets.size >= REMEMBERED) this.#octets.clear();
    this.#octets.set(host, octets);
    return octets;
  }

  /** The port of the peer at `at`. */
  port(peer: Uint8Array, at: number): number {
    return (peer[at + PEER_PORT] << 8) | peer[at + PEER_PORT + 1];
  }

  /** The host of the peer at `at`. */
  host(peer: Uint8Array, at: number): string {
    let hash = 0;
    for (let i = 0; i < PEER_SIZE; i++) hash = Math.imul(hash ^ peer[at + i], 0x01000193);
    const row = (hash ^ (hash >>> 16)) & (REMEMBERED - 1);
    const known = this.#names[row];
    if (known !== undefined && this.#holds(row, peer, at)) return known;
    for (let i = 0; i < PEER_SIZE; i++) this.#keys[row * PEER_SIZE + i] = peer[at + i];
    return this.#names[row] = this.#format(peer, at);
  }

  #holds(row: number, peer: Uint8Array, at: number): boolean {
    for (let i = 0; i < PEER_SIZE; i++) if (this.#keys[row * PEER_SIZE + i] !== peer[at + i]) return false;
    return true;
  }

  #format(peer: Uint8Array, at: number): string {
    const text = formatAddress(peer, at);
    if (this.#family === 6 && isMappedIpv4(peer, at)) return `::ffff:${text}`;
    const zone = this.#zones[peer[at + PEER_PORT + 5] - 1];
    return zone === undefined ? text : `${text}%${zone}`;
  }
}
