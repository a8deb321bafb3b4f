/**
 * Examines a far reflector: opens the sockets, makes the trials, and hands over what came back.
 *
 * @module
 */
import { type Address, formatAddress } from "../../../core/address.ts";
import type { DatagramSocket, SocketOptions, Transport } from "../../../core/transport.ts";
import { canSetTos, canSetTtl } from "../../../plugins/transport/refusal.ts";
import type { AskEmpty } from "./empty.ts";
import type { Evidence, Protocol } from "./evidence.ts";
import { Exchange, type Line, Spent } from "./exchange.ts";
import { Bench, type Lines } from "./trial.ts";
import { TRIALS } from "./trials/mod.ts";
import { PLAIN } from "./trials/plain.ts";

/** What to examine, and how. */
export interface Examination {
  readonly transport: Transport;
  readonly address: Address;
  readonly host: string;
  readonly port: number;
  /** The address that probes leave from, where it is known. */
  readonly source: string | null;
  readonly protocols: readonly Protocol[];
  readonly quick: boolean;
  /** Of the first probe, above 1; what nobody can guess tells answers from what somebody else sends. */
  readonly firstNumber: number;
  readonly interface?: string | undefined;
  /** Sends a datagram without octets, past the transport; absent, none is sent. */
  readonly askEmpty?: AskEmpty | undefined;
}

const MAX_DATAGRAM = 65_536;
const TTL = 64;
const OTHER_TTL = 100;
/** EF. */
const OTHER_TOS = 0xb8;

/** Takes five to twenty seconds. Where nothing was answered, `asked` says so. */
export async function examineRemote(what: Examination): Promise<Evidence> {
  const { transport, address, host, port, quick } = what;
  const opened: DatagramSocket[] = [];
  const skipped: { trial: string; why: string }[] = [];
  const clock = transport.clock();
  const exchange = new Exchange(clock, formatAddress(address.octets), port);
  let protocols = what.protocols;
  let networkSaid: string | null = null;
  try {
    const lines = await openLines(what, opened);
    const octets = address.family === 4 ? address.octets.subarray(12) : address.octets;
    const bench = new Bench(exchange, lines, {
      errorEstimate: clock.errorEstimate,
      quick,
      protocols,
      address: octets,
      firstNumber: what.firstNumber,
    });
    await PLAIN.run(bench);
    protocols = protocols.filter((one) => exchange.asked.some((a) => a.protocol === one && a.answers.length > 0));
    bench.protocols = protocols;
    if (protocols.length > 0) await makeTrials(bench, skipped);
    if (protocols.length > 0 && !quick) await emptyDatagram(what, bench);
    networkSaid = opened.map((socket) => socket.networkErrors?.text).find((text) => text !== undefined) ?? null;
  } finally {
    for (const socket of opened) socket.close();
  }
  return {
    host,
    port,
    family: address.family,
    source: what.source,
    transport: transport.name,
    protocols,
    errorEstimate: clock.errorEstimate,
    asked: exchange.asked,
    strays: exchange.strays,
    networkSaid,
    skipped,
  };
}

async function makeTrials(bench: Bench, skipped: { trial: string; why: string }[]): Promise<void> {
  let spent: string | undefined;
  for (const trial of TRIALS) {
    const why = spent ?? (bench.quick && trial.slow ? "--quick leaves it out" : trial.cannot?.(bench));
    if (why !== undefined) {
      skipped.push({ trial: trial.name, why });
      continue;
    }
    try {
      await trial.run(bench);
    } catch (error) {
      if (!(error instanceof Spent)) throw error;
      spent = error.message;
      skipped.push({ trial: `the rest of ${trial.name}`, why: spent });
    }
  }
}

/** The sockets: each option where the transport can, and left to the system where it cannot. */
async function openLines(what: Examination, opened: DatagramSocket[]): Promise<Lines> {
  const { transport, address, host, port } = what;
  const can = transport.probe()!;
  const base: SocketOptions = {
    hostname: address.family === 6 ? "::" : "0.0.0.0",
    port: 0,
    stride: MAX_DATAGRAM,
    readTos: true,
    interface: what.interface,
  };
  const setsTtl = canSetTtl(can, base);
  const setsTos = canSetTos(can, base);
  const open = async (options: SocketOptions): Promise<Line> => {
    const socket = await transport.openDatagram({ ...base, ...options });
    opened.push(socket);
    return {
      socket,
      peer: socket.peer(host, port),
      ttl: options.ttl ?? null,
      tos: setsTos ? options.tos ?? 0 : null,
    };
  };
  const ttl = (value: number) => setsTtl ? value : undefined;
  const fragmenting = can.dontFragment ? { dontFragment: false } : {};
  // Whoever asks for transmit stamps is told what the network says of datagrams, too.
  const main = await open({ ...base, ...fragmenting, ttl: ttl(TTL), txStamps: true });
  const other = await open({ ...base, ttl: ttl(OTHER_TTL), dontFragment: can.dontFragment ? true : undefined });
  const marked = setsTos && can.ipHeader
    ? await open({ ...base, ...fragmenting, ttl: ttl(TTL), tos: OTHER_TOS })
    : undefined;
  return { main, other, unfragmented: can.dontFragment, marked };
}

/** A datagram without octets cannot leave through a batch, where it means that there is none. */
async function emptyDatagram({ host, port, address, askEmpty }: Examination, bench: Bench): Promise<void> {
  if (askEmpty === undefined) return;
  // Where the far end has fallen silent there is nothing to ask.
  if (bench.exchange.asked.at(-1)?.trial === "alive" && bench.exchange.asked.at(-1)!.answers.length === 0) return;
  const answer = await askEmpty(host, port, address.family, bench.exchange.patienceNs);
  if (answer === undefined) return;
  bench.exchange.asked.push({
    trial: "short",
    protocol: bench.protocols[0],
    detail: "",
    octets: new Uint8Array(),
    tos: null,
    ttl: null,
    port: 0,
    unsent: false,
    answers: answer,
  });
}
