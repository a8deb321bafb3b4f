/**
 * A session asked for, and the answer (RFC 5357 section 3.5, RFC 6038 sections 4.2 and 4.3). The HMAC is not theirs:
 * writers leave its octets zero, readers do not look at it.
 *
 * @module
 */
import { type Accept, Command, readAccept, SIZE } from "./control_codes.ts";
import {
  blank,
  offsetOf,
  putAddress,
  putInterval,
  putTime,
  readAddress,
  readInterval,
  readOctets,
  readTime,
} from "./control_fields.ts";
import { ACCEPT_SESSION, REQUEST } from "./control_layouts.ts";

/** Request-TW-Session. */
export interface SessionRequest {
  /** 4 or 6; a far end may send any up to 15. */
  readonly ipVersion: number;
  /** These four must be 0 in TWAMP. */
  readonly confSender: number;
  readonly confReceiver: number;
  readonly slots: number;
  readonly packets: number;
  readonly senderPort: number;
  readonly receiverPort: number;
  /** 16 octets, IPv4 mapped; all zeros: that of the control connection. */
  readonly senderAddress: Uint8Array;
  readonly receiverAddress: Uint8Array;
  /** 16 octets; zeros, as the server chooses. */
  readonly sid: Uint8Array;
  /** Octets behind the base test packet. */
  readonly padding: number;
  /** UNIX words; 0 0: at once. */
  readonly startTime: Uint32Array;
  /** How long packets are reflected after the stop. */
  readonly timeoutNs: number;
  /** Type-P Descriptor, all 32 bits: with 00 first, the next six are a DSCP. */
  readonly typeP: number;
  /** What the Accept-Session is to repeat (RFC 6038). */
  readonly octetsToReflect: number;
  readonly paddingToReflect: number;
}

const IPVN = offsetOf(REQUEST, "MBZ and IPVN");
const CONF_SENDER = offsetOf(REQUEST, "Conf-Sender");
const CONF_RECEIVER = offsetOf(REQUEST, "Conf-Receiver");
const SLOTS = offsetOf(REQUEST, "Number of Schedule Slots");
const PACKETS = offsetOf(REQUEST, "Number of Packets");
const SENDER_PORT = offsetOf(REQUEST, "Sender Port");
const RECEIVER_PORT = offsetOf(REQUEST, "Receiver Port");
const SENDER_ADDRESS = offsetOf(REQUEST, "Sender Address");
const RECEIVER_ADDRESS = offsetOf(REQUEST, "Receiver Address");
const REQUEST_SID = offsetOf(REQUEST, "SID");
const PADDING = offsetOf(REQUEST, "Padding Length");
const START_TIME = offsetOf(REQUEST, "Start Time");
const TIMEOUT = offsetOf(REQUEST, "Timeout");
const TYPE_P = offsetOf(REQUEST, "Type-P Descriptor");
const REFLECT = offsetOf(REQUEST, "Octets to be reflected");
const PADDING_REFLECT = offsetOf(REQUEST, "Length of padding to reflect");

/** Reads the 112 octets at `at`. */
export function readRequest(view: DataView, at: number): SessionRequest {
  const ipVersion = view.getUint8(at + IPVN) & 0xf;
  return {
    ipVersion,
    confSender: view.getUint8(at + CONF_SENDER),
    confReceiver: view.getUint8(at + CONF_RECEIVER),
    slots: view.getUint32(at + SLOTS),
    packets: view.getUint32(at + PACKETS),
    senderPort: view.getUint16(at + SENDER_PORT),
    receiverPort: view.getUint16(at + RECEIVER_PORT),
    senderAddress: readAddress(view, at + SENDER_ADDRESS, ipVersion),
    receiverAddress: readAddress(view, at + RECEIVER_ADDRESS, ipVersion),
    sid: readOctets(view, at + REQUEST_SID, 16),
    padding: view.getUint32(at + PADDING),
    startTime: readTime(view, at + START_TIME),
    timeoutNs: readInterval(view, at + TIMEOUT),
    typeP: view.getUint32(at + TYPE_P),
    octetsToReflect: view.getUint16(at + REFLECT),
    paddingToReflect: view.getUint16(at + PADDING_REFLECT),
  };
}

export function writeRequest(request: SessionRequest): Uint8Array {
  const { octets, view } = blank(SIZE.REQUEST);
  octets[0] = Command.REQUEST;
  octets[IPVN] = request.ipVersion & 0xf;
  octets[CONF_SENDER] = request.confSender;
  octets[CONF_RECEIVER] = request.confReceiver;
  view.setUint32(SLOTS, request.slots);
  view.setUint32(PACKETS, request.packets);
  view.setUint16(SENDER_PORT, request.senderPort);
  view.setUint16(RECEIVER_PORT, request.receiverPort);
  putAddress(octets, SENDER_ADDRESS, request.ipVersion, request.senderAddress);
  putAddress(octets, RECEIVER_ADDRESS, request.ipVersion, request.receiverAddress);
  octets.set(request.sid.subarray(0, 16), REQUEST_SID);
  view.setUint32(PADDING, request.padding);
  putTime(view, START_TIME, request.startTime);
  putInterval(view, TIMEOUT, request.timeoutNs);
  view.setUint32(TYPE_P, request.typeP);
  view.setUint16(REFLECT, request.octetsToReflect);
  view.setUint16(PADDING_REFLECT, request.paddingToReflect);
  return octets;
}

/** Accept-Session. */
export interface AcceptSession {
  readonly accept: Accept;
  /** The UDP port for test packets; with a refusal, another that would do, or 0. */
  readonly port: number;
  /** 16 octets. */
  readonly sid: Uint8Array;
  /** Octets to be reflected of the request, repeated (RFC 6038). */
  readonly reflectedOctets: number;
  /** What test packets are to begin their padding with; 0 for nothing. */
  readonly serverOctets: number;
}

const PORT = offsetOf(ACCEPT_SESSION, "Port");
const SID = offsetOf(ACCEPT_SESSION, "SID");
const REFLECTED = offsetOf(ACCEPT_SESSION, "Reflected octets");
const SERVER_OCTETS = offsetOf(ACCEPT_SESSION, "Server octets");

/** Reads the 48 octets at `at`. */
export function readAcceptSession(view: DataView, at: number): AcceptSession {
  return {
    accept: readAccept(view.getUint8(at)),
    port: view.getUint16(at + PORT),
    sid: readOctets(view, at + SID, 16),
    reflectedOctets: view.getUint16(at + REFLECTED),
    serverOctets: view.getUint16(at + SERVER_OCTETS),
  };
}

export function writeAcceptSession({ accept, port, sid, reflectedOctets, serverOctets }: AcceptSession): Uint8Array {
  const { octets, view } = blank(SIZE.ACCEPT);
  octets[0] = accept;
  view.setUint16(PORT, port);
  octets.set(sid.subarray(0, 16), SID);
  view.setUint16(REFLECTED, reflectedOctets);
  view.setUint16(SERVER_OCTETS, serverOctets);
  return octets;
}
