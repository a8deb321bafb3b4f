/**
 * Datagram slots in structure-of-arrays form: one arena of octets with typed columns beside it.
 *
 * A batch is borrowed for one call at a time. The memory that a datagram was received into is turned into its reply in
 * place and sent from there; nothing is allocated a datagram.
 *
 * @module
 */

/** Octets of a slot unless somebody asks for more: the largest common jumbo frame fits. */
export const DEFAULT_STRIDE = 9216;

/** Octets of a peer: address (16, IPv4-mapped), port (2), scope (4), zero (2); all in network order. */
export const PEER_SIZE = 24;
/** The same in words of 32 bits. */
export const PEER_WORDS = PEER_SIZE / 4;
/** Offset of the port in a peer. */
export const PEER_PORT = 16;

/** Bits of {@linkcode Batch.flags}. */
export const SlotFlag = {
  /** `stamp` is the kernel's (else user space). */
  KERNEL_STAMP: 1,
  /** `stamp` is the network card's. */
  HARDWARE_STAMP: 2,
  /** `ttl` was read from the packet. */
  IP_HEADER: 4,
  /** Larger than the slot: counted, never reflected. */
  TRUNCATED: 8,
  /** `tos` was read from the packet: not where it was not asked for, nor where the system did not tell it. */
  TOS: 16,
  /** Written by the session: the time at which this one leaves is wanted, of a socket that asks for marked ones alone. */
  WANTS_TX_STAMP: 32,
} as const;

/** In {@linkcode Batch.txTos}: the datagram leaves with the TOS or traffic class of its socket. */
export const SOCKET_TOS = 0xffff;

/** Datagram slots shared by a transport and a session. */
export interface Batch {
  readonly capacity: number;
  /** Slot `i` starts at octet `i * stride`. */
  readonly stride: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Slots in use, from 0. */
  count: number;
  /** Octets used in each slot; 0 means "do not send". */
  readonly length: Uint32Array;
  /** Two words a slot: UNIX seconds and nanoseconds of the arrival. */
  readonly stamp: Uint32Array;
  /** UNIX seconds and nanoseconds at which this program had the datagrams in hand; 0 0 where `stamp` says it. */
  readonly readAt: Uint32Array;
  /** Received TTL or hop limit, valid with {@linkcode SlotFlag.IP_HEADER}. */
  readonly ttl: Uint8Array;
  /** Received TOS or traffic class, all eight bits, valid with {@linkcode SlotFlag.TOS}. */
  readonly tos: Uint8Array;
  /**
   * TOS or traffic class to send with, all eight bits, where the socket has `perPacketTos`; {@linkcode SOCKET_TOS} in a
   * fresh batch, and again in each slot that is received into.
   */
  readonly txTos: Uint16Array;
  /** Bits of {@linkcode SlotFlag}. */
  readonly flags: Uint8Array;
  /** Written by the session, for the transmit time to come back with; a sender's is the low half of its number. */
  readonly token: Uint32Array;
  /** {@linkcode PEER_SIZE} octets a slot: where it came from, and so where its reply goes. */
  readonly peer: Uint8Array;
  /** The memory of `peer` as words: comparing and copying takes fewer steps. */
  readonly peerWords: Uint32Array;
  /**
   * {@linkcode LOCAL_SIZE} octets a slot: the address it came to, from which its reply leaves (16, IPv4-mapped; zeros where
   * nobody says), and the interface of a link-local one (4, as the system has it).
   */
  readonly local: Uint8Array;
}

/** Octets of a slot in {@linkcode Batch.local}. */
export const LOCAL_SIZE = 20;

/** Transmit times of datagrams that have left, as the kernel tells them later; matched by token. */
export interface TxStamps {
  readonly capacity: number;
  count: number;
  /** `Batch.token` of the datagram. */
  readonly token: Uint32Array;
  /** Two words each: UNIX seconds and nanoseconds. */
  readonly stamp: Uint32Array;
  /** {@linkcode SlotFlag.KERNEL_STAMP} or {@linkcode SlotFlag.HARDWARE_STAMP}. */
  readonly flags: Uint8Array;
}

/** Room for `capacity` transmit times. */
export function createTxStamps(capacity: number): TxStamps {
  return {
    capacity,
    count: 0,
    token: new Uint32Array(capacity),
    stamp: new Uint32Array(2 * capacity),
    flags: new Uint8Array(capacity),
  };
}

/** Allocates a batch of `capacity` slots of `stride` octets in ordinary memory. */
export function createBatch(capacity: number, stride: number = DEFAULT_STRIDE): Batch {
  const arena = new ArrayBuffer(capacity * stride);
  const peer = new ArrayBuffer(capacity * PEER_SIZE);
  return {
    capacity,
    stride,
    bytes: new Uint8Array(arena),
    view: new DataView(arena),
    count: 0,
    length: new Uint32Array(capacity),
    stamp: new Uint32Array(capacity * 2),
    readAt: new Uint32Array(2),
    ttl: new Uint8Array(capacity),
    tos: new Uint8Array(capacity),
    txTos: new Uint16Array(capacity).fill(SOCKET_TOS),
    flags: new Uint8Array(capacity),
    token: new Uint32Array(capacity),
    peer: new Uint8Array(peer),
    peerWords: new Uint32Array(peer),
    local: new Uint8Array(capacity * LOCAL_SIZE),
  };
}
