/**
 * Which stamps a network card can give, by ETHTOOL_GET_TS_INFO; needs no privilege.
 *
 * @module
 */
import type { InterfaceStamps } from "../machine.ts";
import { fixedMemory } from "../native.ts";
import {
  AF_INET,
  errnoText,
  ETHTOOL_GET_TS_INFO,
  HWTSTAMP_FILTER_ALL,
  HWTSTAMP_TX_ON,
  IFREQ,
  SIOCETHTOOL,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  TIMESTAMPING,
  TS_INFO,
} from "./abi.ts";
import type { Libc } from "./libc.ts";
import { cString } from "./sockaddr.ts";

/** The stamps of interface `name`, or why they are not known. */
export function interfaceStamps(libc: Libc, name: string): InterfaceStamps | string {
  const octets = cString(name);
  if (octets.length > IFREQ.NAME_SIZE) return "its name is too long";
  const info = fixedMemory(TS_INFO.SIZE);
  const view = new DataView(info.buffer);
  view.setUint32(TS_INFO.CMD, ETHTOOL_GET_TS_INFO, true);
  const request = fixedMemory(IFREQ.SIZE);
  request.set(octets);
  new DataView(request.buffer).setBigUint64(IFREQ.DATA, libc.native.address(info), true);
  const fd: number = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errnoText(libc.errno());
  const failed = libc.ioctl(fd, BigInt(SIOCETHTOOL), request) < 0;
  const errno = libc.errno();
  libc.close(fd);
  return failed ? errnoText(errno) : readStamps(view);
}

/** Reads `struct ethtool_ts_info`. */
export function readStamps(view: DataView): InterfaceStamps {
  const flags = view.getUint32(TS_INFO.FLAGS, true);
  const phc = view.getInt32(TS_INFO.PHC, true);
  const filters = view.getUint32(TS_INFO.RX_FILTERS, true);
  const has = (bit: number) => (flags & bit) !== 0;
  // A stamp that is taken but not handed over, or that cannot be switched on, is none.
  const hardware = has(TIMESTAMPING.RAW_HARDWARE);
  const rxHardware = hardware && has(TIMESTAMPING.RX_HARDWARE) && filters > 1;
  return {
    rxSoftware: has(TIMESTAMPING.SOFTWARE) && has(TIMESTAMPING.RX_SOFTWARE),
    txSoftware: has(TIMESTAMPING.SOFTWARE) && has(TIMESTAMPING.TX_SOFTWARE),
    rxHardware,
    txHardware: hardware && has(TIMESTAMPING.TX_HARDWARE) &&
      (view.getUint32(TS_INFO.TX_TYPES, true) & HWTSTAMP_TX_ON) !== 0,
    rxHardwareAll: rxHardware && (filters & HWTSTAMP_FILTER_ALL) !== 0,
    phc: phc < 0 ? null : phc,
  };
}
