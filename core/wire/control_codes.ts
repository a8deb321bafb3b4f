/**
 * Numbers of TWAMP-Control: modes, commands, Accept values, sizes of messages.
 *
 * @module
 */

/** Bits of Modes, as the TWAMP-Modes registry has them: what a server offers, what a client takes. */
export const Mode = {
  OPEN: 1,
  AUTHENTICATED: 2,
  ENCRYPTED: 4,
  /** Keyed control, open test packets (RFC 5618). */
  MIXED: 8,
  /** Sessions are started and stopped one by one (RFC 5938). */
  INDIVIDUAL: 16,
  /** Octets are reflected (RFC 6038). */
  REFLECT: 32,
  /** Test packets are of one size both ways (RFC 6038). */
  SYMMETRICAL: 64,
  IKEV2: 128,
  MONITOR: 256,
  PTP: 512,
} as const;

/** The modes of which a client takes one (RFC 5618 section 3.1); the other bits are features beside it. */
export const SECURITY_MODES = 15;

/** What a server says to a request (RFC 4656 section 3.3). */
export const Accept = { OK: 0, FAILURE: 1, INTERNAL: 2, UNSUPPORTED: 3, PERMANENT: 4, TEMPORARY: 5 } as const;
export type Accept = (typeof Accept)[keyof typeof Accept];

const ACCEPT_TEXT: Readonly<Record<Accept, string>> = {
  [Accept.OK]: "accepted",
  [Accept.FAILURE]: "refused without a reason",
  [Accept.INTERNAL]: "internal error",
  [Accept.UNSUPPORTED]: "some aspect of the request is not supported",
  [Accept.PERMANENT]: "a permanent limit of resources",
  [Accept.TEMPORARY]: "a temporary limit of resources",
};

/** The Accept value of an octet: reserved ones are taken for 1, as RFC 4656 section 3.3 demands. */
export function readAccept(octet: number): Accept {
  return octet in ACCEPT_TEXT ? octet as Accept : Accept.FAILURE;
}

/** An Accept value in words. */
export function acceptText(accept: Accept): string {
  return ACCEPT_TEXT[accept];
}

/** First octet of a command (RFC 5357 section 8.4, RFC 5938 section 6.4, RFC 9533 section 6.2). */
export const Command = {
  /** OWAMP's Request-Session: forbidden in TWAMP. */
  REQUEST_OW: 1,
  START: 2,
  STOP: 3,
  /** OWAMP's Fetch-Session: not in TWAMP. */
  FETCH: 4,
  REQUEST: 5,
  EXPERIMENT: 6,
  START_N: 7,
  START_N_ACK: 8,
  STOP_N: 9,
  STOP_N_ACK: 10,
  /** Request-TW-Micro-Sessions. */
  REQUEST_MICRO: 11,
} as const;

/** Octets of the messages that have one size. */
export const SIZE = {
  GREETING: 64,
  SET_UP: 164,
  SERVER_START: 48,
  REQUEST: 112,
  ACCEPT: 48,
  START: 32,
  ACK: 32,
  STOP: 32,
} as const;

/** Octets of a cipher block, of a SID, of an HMAC: what all messages are multiples of once there are keys. */
export const CONTROL_BLOCK = 16;
