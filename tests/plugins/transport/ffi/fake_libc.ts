/** A libc of a table of functions: memory by made-up addresses, and a network card behind ioctl, open and clock_gettime. */
import type { Libc } from "../../../../plugins/transport/ffi/linux/libc.ts";
import type { Native } from "../../../../plugins/transport/ffi/native.ts";

export const EPERM = 1, ENOENT = 2, EACCES = 13, ENODEV = 19, ERANGE = 34, EOPNOTSUPP = 95;

/** What a card is and does; words of the kernel's structures, not this program's. */
export interface FakeCard {
  name: string;
  /** Of ethtool_ts_info. */
  timestamping: number;
  phc: number;
  txTypes: number;
  rxFilters: number;
  /** Of hwtstamp_config; what SIOCSHWTSTAMP is refused with, and what the driver makes of a filter. */
  config: { tx: number; rx: number };
  getErrno?: number;
  setErrno?: number;
  driverFilter?: number;
  openErrno?: number;
  /** The card's time of the system's: both nanoseconds since 1970. */
  time: (system: bigint) => bigint;
  /** What was asked, in order. */
  readonly log: string[];
}

/** One that can do all, and is off; its clock counts TAI. */
export function card(changes: Partial<FakeCard> = {}): FakeCard {
  return {
    name: "eth7",
    timestamping: 1 | 2 | 4 | 8 | 16 | 64,
    phc: 3,
    txTypes: 0b11,
    rxFilters: 0b11,
    config: { tx: 0, rx: 0 },
    time: (system) => system + 37_000_000_000n,
    log: [],
    ...changes,
  };
}

/** Descriptor of the fake's /dev/ptpN, and the clock that clock_gettime knows it by (FD_TO_CLOCKID). */
const PTP = 4711;
const PTP_CLOCK = (~PTP << 3) | 3;

const nameAt = (memory: Uint8Array) => new TextDecoder().decode(memory.subarray(0, memory.indexOf(0)));

/** The four functions, over `at` for pointers and `realtime` for the system's clock. */
export function cardFunctions(
  fake: FakeCard,
  at: (address: bigint, length: number) => Uint8Array,
  realtime: () => bigint,
  fail: (errno: number) => number,
) {
  return {
    ioctl(_fd: number, request: bigint, ifreq: Uint8Array): number {
      const name = nameAt(ifreq);
      const view = new DataView(ifreq.buffer, ifreq.byteOffset);
      fake.log.push(`ioctl ${request.toString(16)} ${name}`);
      if (name !== fake.name) return fail(ENODEV);
      const words = (length: number) => {
        const memory = at(view.getBigUint64(16, true), length);
        return new Int32Array(memory.buffer, memory.byteOffset, length / 4);
      };
      if (request === 0x8946n) {
        const info = words(44);
        if (info[0] !== 0x41) return fail(EOPNOTSUPP);
        info.set([0x41, fake.timestamping, fake.phc, fake.txTypes, 0, 0, 0, fake.rxFilters]);
        return 0;
      }
      const config = words(12);
      if (request === 0x89b1n) {
        if (fake.getErrno) return fail(fake.getErrno);
        config.set([0, fake.config.tx, fake.config.rx]);
        return 0;
      }
      if (request !== 0x89b0n) return fail(EOPNOTSUPP);
      fake.log.push(`set ${config.join(" ")}`);
      if (fake.setErrno) return fail(fake.setErrno);
      fake.config = { tx: config[1], rx: fake.driverFilter ?? config[2] };
      config.set([0, fake.config.tx, fake.config.rx]);
      return 0;
    },
    open(path: Uint8Array): number {
      fake.log.push(`open ${nameAt(path)}`);
      return fake.openErrno ? fail(fake.openErrno) : PTP;
    },
    close(fd: number): number {
      fake.log.push(`close ${fd === PTP ? "ptp" : fd}`);
      return 0;
    },
    clock_gettime(id: number, out: Uint8Array): number {
      const now = id === PTP_CLOCK ? fake.time(realtime()) : realtime();
      const view = new DataView(out.buffer, out.byteOffset);
      view.setBigUint64(0, now / 1_000_000_000n, true);
      view.setBigUint64(8, now % 1_000_000_000n, true);
      return 0;
    },
    isCard: (fdOrClock: number) => fdOrClock === PTP || fdOrClock === PTP_CLOCK,
  };
}

/** All of it made up; time passes by 100 ns a call. */
export function fakeLibc(fake: FakeCard): { libc: Libc; now: { ns: bigint } } {
  const memories: Uint8Array[] = [];
  const native = { address: (memory: Uint8Array) => BigInt(memories.push(memory)) } as unknown as Native;
  let errno = 0;
  const now = { ns: 1_795_183_810_000_000_000n };
  const functions = cardFunctions(
    fake,
    (address) => memories[Number(address) - 1],
    () => now.ns += 100n,
    (number) => {
      errno = number;
      return -1;
    },
  );
  return { libc: { native, errno: () => errno, ...functions } as unknown as Libc, now };
}
