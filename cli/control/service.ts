/**
 * The TWAMP server: takes connections, keeps their number within bounds, and ends them all.
 *
 * @module
 */
import { parseAddress } from "../../core/address.ts";
import { inPrefix, type Prefix } from "../../core/session/access.ts";
import type { ByteStream } from "../../core/stream.ts";
import { Accept } from "../../core/wire/control.ts";
import { plural } from "../plural.ts";
import { Connection, type ServerHouse } from "./connection.ts";
import { Turns } from "./turns.ts";

/** Connections at once. */
export interface ConnectionLimits {
  /** Set up, in all. */
  readonly connections: number;
  /** Set up, from one address. */
  readonly perAddress: number;
  /** Not set up yet; of more, the oldest of the address that has most of them is closed. */
  readonly silent: number;
  readonly allow: readonly Prefix[];
  readonly deny: readonly Prefix[];
}

/** What the service is made with; the rest of a house it is itself. */
export type House = Pick<ServerHouse, "pool" | "log" | "control" | "limits" | "secretOf">;

/** Keys derived at once: more would only keep the runtime's threads from other work. */
const DERIVING = 2;
/** Streams that we have closed and the client has not, at once; of more, the oldest is reset. */
const LEAVING = 128;
/** Who is not welcome has so long to take the greeting that says so. */
const UNWELCOME_MS = 200;

/** All connections. */
export class Service implements ServerHouse {
  readonly pool: House["pool"];
  readonly log: House["log"];
  readonly control: House["control"];
  readonly limits: House["limits"];
  readonly secretOf: House["secretOf"];
  readonly deriving = new Turns(DERIVING);
  draining = false;
  /** Connections there have been. */
  taken = 0;
  readonly #bounds: ConnectionLimits;
  /** In order of age. */
  readonly #connections = new Set<Connection>();
  readonly #leaving: ByteStream[] = [];
  #onEmpty: () => void = () => {};

  constructor(house: House, bounds: ConnectionLimits) {
    this.pool = house.pool;
    this.log = house.log;
    this.control = house.control;
    this.limits = house.limits;
    this.secretOf = house.secretOf;
    this.#bounds = bounds;
  }

  /** Takes a connection. */
  accept(stream: ByteStream): void {
    this.taken++;
    const octets = parseAddress(stream.remote.hostname)?.octets;
    const isWelcome = octets !== undefined && this.#isAllowed(octets) && !this.draining;
    this.#makeRoom();
    if (isWelcome) stream.keepDscp?.();
    const connection = new Connection(this, stream, isWelcome ? this.control.modes : 0);
    if (!isWelcome) setTimeout(() => stream.destroy(), UNWELCOME_MS);
    if (connection.isGone) return;
    this.#connections.add(connection);
    connection.onGone = () => {
      this.#connections.delete(connection);
      if (this.#connections.size === 0) this.#onEmpty();
    };
  }

  #isAllowed(address: Uint8Array): boolean {
    const { allow, deny } = this.#bounds;
    const within = (prefixes: readonly Prefix[]) => prefixes.some((prefix) => inPrefix(prefix, address, 0));
    return !within(deny) && (allow.length === 0 || within(allow));
  }

  /** Who has said nothing for longest makes room for somebody who may: of the address that has most of those. */
  #makeRoom(): void {
    const silent = [...this.#connections].filter(({ isOver, machine }) => !isOver && !machine.isSetUp);
    if (silent.length < this.#bounds.silent) return;
    const byAddress = new Map<string, Connection[]>();
    for (const connection of silent) {
      const key = String(connection.client);
      byAddress.set(key, [...byAddress.get(key) ?? [], connection]);
    }
    const [most] = [...byAddress.values()].sort((a, b) => b.length - a.length);
    most[0].evict();
  }

  leave(stream: ByteStream): void {
    stream.end();
    this.#leaving.push(stream);
    if (this.#leaving.length > LEAVING) this.#leaving.shift()!.destroy();
  }

  refusalFor(connection: Connection): { accept: Accept; why: string } | undefined {
    const setUp = [...this.#connections].filter(({ machine }) => machine.isSetUp);
    const { connections, perAddress } = this.#bounds;
    if (setUp.length >= connections) {
      return { accept: Accept.TEMPORARY, why: `${plural(connections, "connection")} are there already` };
    }
    const same = setUp.filter(({ client }) => client.every((octet, i) => octet === connection.client[i]));
    if (same.length < perAddress) return undefined;
    return { accept: Accept.TEMPORARY, why: `${plural(perAddress, "connection")} from this address are there already` };
  }

  /** Lets what is tested end, for `ms` at most, and then ends everything. */
  async drain(ms: number): Promise<void> {
    this.draining = true;
    for (const connection of [...this.#connections]) if (!connection.isTesting) connection.shutdown();
    if (this.#connections.size > 0 && ms > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const connection of [...this.#connections]) connection.shutdown();
    await this.pool.close();
  }

  /** Test sessions that run now. */
  get testing(): number {
    return [...this.#connections].filter(({ isTesting }) => isTesting).length;
  }
}
