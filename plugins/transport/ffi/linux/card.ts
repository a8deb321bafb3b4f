/**
 * A network card that stamps: what it offers, its clock, and switching it on. Whatever is missing is told in one line.
 *
 * @module
 */
import { TransportError } from "../../../../core/errors.ts";
import type { Clock } from "../../../../core/time/clock.ts";
import type { StampingCard } from "../../../../core/transport.ts";
import { Errno, errnoName, O_CLOEXEC, O_RDONLY } from "./abi.ts";
import { CardClock } from "./card_clock.ts";
import { askStampInfo, describeStamps, type StampInfo, stampsAll, switchOn } from "./ethtool.ts";
import type { Libc } from "./libc.ts";
import { cString } from "./sockaddr.ts";

/** What to do instead, wherever the card cannot. */
const INSTEAD = "use --timestamp kernel";

function refuse(message: string, code: "unsupported" | "permission" | "not-local" = "unsupported"): never {
  throw new TransportError(code, message);
}

/** A card whose stamps can be had. */
export class Card implements StampingCard {
  readonly interface: string;
  readonly phc: string;
  readonly clock: CardClock;

  /** Asks and switches on the card of interface `name`, through any socket; throws a `TransportError`. */
  constructor(libc: Libc, descriptor: number, name: string, clock: Clock) {
    const { phc } = offered(libc, descriptor, name);
    this.interface = name;
    this.phc = `ptp${phc}`;
    // The clock first: a run that is refused has changed nothing.
    this.clock = openClock(libc, this.phc, name, clock);
    const errno = switchOn(libc, descriptor, name);
    if (errno === 0) return;
    this.clock.close();
    if (errno === Errno.EPERM || errno === Errno.EACCES) {
      refuse(
        `the time stamps of ${name} are off, and this user may not switch them on: it needs CAP_NET_ADMIN, or once ` +
          `as root: hwstamp_ctl -i ${name} -t 1 -r 1`,
        "permission",
      );
    }
    refuse(`${name} does not stamp all packets, whatever it offers (${errnoName(errno)}): ${INSTEAD}`);
  }

  get jumps(): number {
    return this.clock.jumps;
  }
}

function offered(libc: Libc, descriptor: number, name: string): StampInfo {
  const info = askStampInfo(libc, descriptor, name);
  if (info === Errno.ENODEV) refuse(`--interface '${name}' does not exist: 'ip link' lists those that do`, "not-local");
  if (typeof info === "number") {
    return refuse(`${name} does not say what it stamps (${errnoName(info)}): ${INSTEAD}`);
  }
  if (!stampsAll(info)) refuse(`${name} has no hardware time stamps (it offers: ${describeStamps(info)}): ${INSTEAD}`);
  if (info.phc < 0) refuse(`${name} has hardware time stamps, and no clock to read them by: ${INSTEAD}`);
  return info;
}

function openClock(libc: Libc, phc: string, name: string, clock: Clock): CardClock {
  const what = `/dev/${phc}, the clock of ${name}`;
  const descriptor: number = libc.open(cString(`/dev/${phc}`), O_RDONLY | O_CLOEXEC, 0);
  if (descriptor < 0) {
    const errno = libc.errno();
    if (errno === Errno.EACCES || errno === Errno.EPERM) {
      refuse(`${what}, may not be read by this user: run as root, or let this user read it`, "permission");
    }
    if (errno === Errno.ENOENT) refuse(`${what}, is not here: into a container it has to be passed; or ${INSTEAD}`);
    refuse(`${what}, cannot be opened (${errnoName(errno)}): ${INSTEAD}`);
  }
  try {
    return new CardClock(libc, descriptor, clock);
  } catch (errno) {
    libc.close(descriptor);
    if (typeof errno !== "number") throw errno;
    return refuse(`${what}, cannot be read (${errnoName(errno)}): ${INSTEAD}`);
  }
}
