/**
 * Network interfaces: which stamps their drivers offer, and which stamps came on loopback.
 *
 * @module
 */
import type { InterfaceStamps, Machine, SeenStamps } from "../../plugins/transport/ffi/machine.ts";
import { UNKNOWN } from "../../outputs/units.ts";
import type { InterfaceFacts } from "./facts.ts";
import { grid, notKnown, number, section, sentence, UNREADABLE } from "./layout.ts";
import { readFolder, readNumber, readText } from "./read.ts";

const NET = "/sys/class/net";
/** More than people read; a host of containers has hundreds. The rest is in the JSON form. */
const MOST_SHOWN = 16;

/** Every interface; null where they cannot be listed. */
export function readInterfaces(machine: Machine | undefined): InterfaceFacts[] | null {
  return readFolder(NET)?.filter((name) => readText(`${NET}/${name}/mtu`) !== null).map((name) => {
    const stamps = machine?.interfaceStamps(name) ?? null;
    const speed = readNumber(`${NET}/${name}/speed`);
    return {
      name,
      state: readText(`${NET}/${name}/operstate`),
      mtu: readNumber(`${NET}/${name}/mtu`),
      // Drivers that do not know say -1.
      speedMbit: speed !== null && speed > 0 ? speed : null,
      stamps: typeof stamps === "string" ? null : stamps,
      error: typeof stamps === "string" ? stamps : null,
    };
  }) ?? null;
}

/** As text. */
export function interfaceLines(
  interfaces: readonly InterfaceFacts[] | null,
  seen: SeenStamps | null,
  unknown: string | null,
): string[] {
  return section("Stamps of the interfaces, as their drivers say", [
    ...interfaces === null ? sentence(notKnown(UNREADABLE)) : table(interfaces),
    ...sentence(`seen on loopback: ${seen === null ? notKnown(unknown ?? "nothing arrived there") : seenText(seen)}`),
  ]);
}

function table(interfaces: readonly InterfaceFacts[]): string[] {
  const shown = [...interfaces].sort((a, b) => Number(b.state === "up") - Number(a.state === "up")).slice(
    0,
    MOST_SHOWN,
  );
  const more = interfaces.length - shown.length;
  return [
    ...grid([
      ["", "state", "MTU", "Mbit/s", "software", "hardware", "clock"],
      ...shown.map((
        one,
      ) => [one.name, one.state ?? UNKNOWN, number(one.mtu), number(one.speedMbit), ...stampCells(one)]),
    ], [2, 3]),
    ...more === 0 ? [] : sentence(`and ${more} more`),
  ];
}

function stampCells({ stamps, error }: InterfaceFacts): string[] {
  if (stamps === null) return [error ?? UNKNOWN, UNKNOWN, UNKNOWN];
  return [
    which(stamps.rxSoftware ? "rx" : "", stamps.txSoftware ? "tx" : ""),
    which(hardwareReceive(stamps), stamps.txHardware ? "tx" : ""),
    stamps.phc === null ? "none" : `ptp${stamps.phc}`,
  ];
}

/** Cards that stamp the packets of PTP alone stamp no probe. */
function hardwareReceive(stamps: InterfaceStamps): string {
  return !stamps.rxHardware ? "" : stamps.rxHardwareAll ? "rx" : "rx of PTP only";
}

function which(...names: readonly string[]): string {
  return names.filter((name) => name !== "").join(" ") || "none";
}

function seenText({ receive, transmit }: SeenStamps): string {
  return `${receive ? "a" : "no"} receive stamp of the kernel, ${transmit ? "a" : "no"} transmit stamp`;
}
