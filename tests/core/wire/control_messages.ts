/**
 * All TWAMP-Control messages at random, and how each is read and written, for tests.
 *
 * @module
 */
import fc from "fast-check";
import * as control from "../../../core/wire/control.ts";

export const octets = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const nanos = fc.integer({ min: 0, max: 999_999_999 });
const accept = fc.constantFrom(...Object.values(control.Accept));
const time = fc.tuple(u32, nanos).map((words) => Uint32Array.from(words));
const keyId = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) =>
  !text.includes("\0") && new TextEncoder().encode(text).length <= control.KEY_ID_SIZE
);
const ipv4 = fc.oneof(
  fc.constant(new Uint8Array(16)),
  octets(4).filter((four) => four.some((octet) => octet !== 0))
    .map((four) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...four)),
);
const addresses = fc.oneof(
  fc.record({ ipVersion: fc.constant(4), senderAddress: ipv4, receiverAddress: ipv4 }),
  fc.record({ ipVersion: fc.constantFrom(6, 0, 15), senderAddress: octets(16), receiverAddress: octets(16) }),
);
const list = (accept: fc.Arbitrary<control.Accept>) =>
  fc.record({ accept, sids: fc.array(octets(16), { maxLength: 5 }) });

/** One kind of message. */
export interface MessageCase<T = unknown> {
  readonly name: string;
  readonly values: fc.Arbitrary<T>;
  readonly write: (value: T) => Uint8Array;
  readonly read: (view: DataView, at: number, length: number) => T;
}

function kind<T>(
  name: string,
  values: fc.Arbitrary<T>,
  write: (value: T) => Uint8Array,
  read: (view: DataView, at: number, length: number) => T,
): MessageCase {
  // Records of fast-check have no prototype, unlike what is read.
  const plain = values.map((value) => typeof value === "object" ? { ...value } : value);
  return { name, values: plain, write, read } as MessageCase;
}

const LISTS = [
  ["Start-N-Sessions", control.Command.START_N, list(fc.constant(control.Accept.OK))],
  ["Start-N-Ack", control.Command.START_N_ACK, list(accept)],
  ["Stop-N-Sessions", control.Command.STOP_N, list(fc.constant(control.Accept.OK))],
  ["Stop-N-Ack", control.Command.STOP_N_ACK, list(accept)],
] as const;

/** Every message that is read. */
export const MESSAGES: readonly MessageCase[] = [
  kind(
    "Server Greeting",
    fc.record({ modes: u32, challenge: octets(16), salt: octets(16), count: u32 }),
    control.writeGreeting,
    control.readGreeting,
  ),
  kind(
    "Set-Up-Response",
    fc.record({ mode: u32, keyId, token: octets(64), clientIv: octets(16) }),
    control.writeSetUpResponse,
    control.readSetUpResponse,
  ),
  kind(
    "Server-Start",
    fc.record({ accept, serverIv: octets(16), startTime: time }),
    control.writeServerStart,
    control.readServerStart,
  ),
  kind(
    "Request-TW-Session",
    fc.tuple(
      addresses,
      fc.record({
        confSender: u8,
        confReceiver: u8,
        slots: u32,
        packets: u32,
        senderPort: u16,
        receiverPort: u16,
        sid: octets(16),
        padding: u32,
        startTime: time,
        timeoutNs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
        typeP: u32,
        octetsToReflect: u16,
        paddingToReflect: u16,
      }),
    ).map(([some, others]) => ({ ...some, ...others })),
    control.writeRequest,
    control.readRequest,
  ),
  kind(
    "Accept-Session",
    fc.record({ accept, port: u16, sid: octets(16), reflectedOctets: u16, serverOctets: u16 }),
    control.writeAcceptSession,
    control.readAcceptSession,
  ),
  kind("Start-Ack", accept, control.writeAck, control.readAck),
  kind("Stop-Sessions", fc.record({ accept, sessions: u32 }), control.writeStop, control.readStop),
  ...LISTS.map(([name, command, values]) =>
    kind(name, values, (value) => control.writeSessionList(command, value), control.readSessionList)
  ),
];
