/**
 * What an interface can stamp, and whether its card does: SIOCETHTOOL, SIOCGHWTSTAMP and SIOCSHWTSTAMP.
 *
 * @module
 */
import type { InterfaceStamps } from "../machine.ts";
import { fixedMemory } from "../native.ts";
import {
  AF_INET,
  Errno,
  errnoText,
  ETHTOOL_GET_TS_INFO,
  HWTSTAMP,
  HWTSTAMP_FILTER_ALL,
  HWTSTAMP_TX_OFF,
  HWTSTAMP_TX_ON,
  IFREQ,
  SIOCETHTOOL,
  SIOCGHWTSTAMP,
  SIOCSHWTSTAMP,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  TIMESTAMPING,
  TS_INFO,
} from "./abi.ts";
import type { Libc } from "./libc.ts";
import { cString } from "./sockaddr.ts";

/** What an interface says of its stamps. */
export interface StampInfo {
  /** Bits of SOF_TIMESTAMPING. */
  readonly timestamping: number;
  /** N of /dev/ptpN; -1 where the card has no clock that can be read. */
  readonly phc: number;
  /** A bit for each type of HWTSTAMP_TX. */
  readonly txTypes: number;
  /** A bit for each HWTSTAMP_FILTER. */
  readonly rxFilters: number;
}

/** An ioctl about interface `name`, with `data` to read and write; 0, or the errno. */
function ask(libc: Libc, descriptor: number, request: number, name: string, data: Uint8Array): number {
  const ifreq = fixedMemory(IFREQ.SIZE);
  ifreq.set(cString(name).subarray(0, IFREQ.NAME - 1));
  new DataView(ifreq.buffer).setBigUint64(IFREQ.DATA, libc.native.address(data), true);
  return libc.ioctl(descriptor, BigInt(request), ifreq) < 0 ? libc.errno() : 0;
}

/** What `name` offers, asked through any socket; the errno where it does not say. */
export function askStampInfo(libc: Libc, descriptor: number, name: string): StampInfo | number {
  const data = fixedMemory(TS_INFO.SIZE);
  const words = new Uint32Array(data.buffer);
  words[TS_INFO.CMD] = ETHTOOL_GET_TS_INFO;
  const errno = ask(libc, descriptor, SIOCETHTOOL, name, data);
  return errno === 0 ? readStampInfo(words) : errno;
}

/** Reads `struct ethtool_ts_info`. */
export function readStampInfo(words: Uint32Array): StampInfo {
  return {
    timestamping: words[TS_INFO.TIMESTAMPING],
    phc: words[TS_INFO.PHC] | 0,
    txTypes: words[TS_INFO.TX_TYPES],
    rxFilters: words[TS_INFO.RX_FILTERS],
  };
}

/** The stamps of interface `name` one by one, or why they are not known. */
export function interfaceStamps(libc: Libc, name: string): InterfaceStamps | string {
  if (cString(name).length > IFREQ.NAME) return "its name is too long";
  const descriptor: number = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errnoText(libc.errno());
  const info = askStampInfo(libc, descriptor, name);
  libc.close(descriptor);
  return typeof info === "number" ? errnoText(info) : tellStamps(info);
}

/** A stamp that is taken but not handed over, or that cannot be switched on, is none. */
export function tellStamps({ timestamping, txTypes, rxFilters, phc }: StampInfo): InterfaceStamps {
  const has = (bits: number) => (timestamping & bits) === bits;
  const rxHardware = has(TIMESTAMPING.RAW_HARDWARE | TIMESTAMPING.RX_HARDWARE) && rxFilters > 1;
  return {
    rxSoftware: has(TIMESTAMPING.SOFTWARE | TIMESTAMPING.RX_SOFTWARE),
    txSoftware: has(TIMESTAMPING.SOFTWARE | TIMESTAMPING.TX_SOFTWARE),
    rxHardware,
    txHardware: has(TIMESTAMPING.RAW_HARDWARE | TIMESTAMPING.TX_HARDWARE) && (txTypes & (1 << HWTSTAMP_TX_ON)) !== 0,
    rxHardwareAll: rxHardware && (rxFilters & (1 << HWTSTAMP_FILTER_ALL)) !== 0,
    phc: phc < 0 ? null : phc,
  };
}

const HARDWARE = TIMESTAMPING.TX_HARDWARE | TIMESTAMPING.RX_HARDWARE | TIMESTAMPING.RAW_HARDWARE;

/** Whether the card stamps what leaves and all that arrives. */
export function stampsAll({ timestamping, txTypes, rxFilters }: StampInfo): boolean {
  return (timestamping & HARDWARE) === HARDWARE && (txTypes & (1 << HWTSTAMP_TX_ON)) !== 0 &&
    (rxFilters & (1 << HWTSTAMP_FILTER_ALL)) !== 0;
}

/** `kernel, hardware for PTP packets only`: what there is, in words. */
export function describeStamps({ timestamping, txTypes, rxFilters }: StampInfo): string {
  const has = (bits: number) => (timestamping & bits) === bits;
  const offers: string[] = [];
  if (has(TIMESTAMPING.RX_SOFTWARE | TIMESTAMPING.SOFTWARE)) offers.push("kernel");
  const sends = has(TIMESTAMPING.TX_HARDWARE) && (txTypes & (1 << HWTSTAMP_TX_ON)) !== 0;
  const receives = has(TIMESTAMPING.RX_HARDWARE) && rxFilters > 1;
  const receivesAll = (rxFilters & (1 << HWTSTAMP_FILTER_ALL)) !== 0;
  if (receives && !receivesAll) offers.push("hardware for PTP packets only");
  else if (sends !== receives) offers.push(`hardware for packets ${sends ? "out" : "in"} only`);
  return offers.join(", ") || "none";
}

/**
 * Has the card stamp all packets; 0, or the errno. What others have switched on stays: a filter for all packets is one
 * for PTP as well, and one-step transmission is a kind of being on. It is left on afterwards for the same reason.
 */
export function switchOn(libc: Libc, descriptor: number, name: string): number {
  const data = fixedMemory(HWTSTAMP.SIZE);
  const words = new Uint32Array(data.buffer);
  const isOn = () => words[HWTSTAMP.TX] !== HWTSTAMP_TX_OFF && words[HWTSTAMP.RX] === HWTSTAMP_FILTER_ALL;
  // Some drivers can be told and not asked.
  if (ask(libc, descriptor, SIOCGHWTSTAMP, name, data) !== 0) words.fill(0);
  if (isOn()) return 0;
  words[HWTSTAMP.TX] ||= HWTSTAMP_TX_ON;
  words[HWTSTAMP.RX] = HWTSTAMP_FILTER_ALL;
  const errno = ask(libc, descriptor, SIOCSHWTSTAMP, name, data);
  if (errno !== 0) return errno;
  return isOn() ? 0 : Errno.ERANGE;
}
