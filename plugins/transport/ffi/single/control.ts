/**
 * Control messages: what the system tells of a datagram, and which address one is to leave from.
 *
 * @module
 */
import { type Batch, LOCAL_SIZE, SlotFlag } from "../../../../core/batch.ts";
import { type ControlRow, type Layout, type SourceRow, Told } from "./system.ts";

/** Octets of a value, by what it is. */
const SIZE: readonly number[] = [1, 1, 4, 16, 12, 16];

type Form = Layout["control"];

/** Writes what the control messages in `size` octets at `at` of `view` tell to slot `slot` of `batch`. */
export function readControl(
  form: Form,
  rows: readonly ControlRow[],
  view: DataView,
  at: number,
  size: number,
  batch: Batch,
  slot: number,
): void {
  const end = at + size;
  while (at + form.data <= end) {
    const length = view.getUint32(at, true);
    if (length < form.data || length > end - at) return;
    const level = view.getInt32(at + form.level, true);
    const type = view.getInt32(at + form.type, true);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (row.type !== type || row.level !== level) continue;
      if (form.data + row.at + SIZE[row.tells] <= length) note(row, view, at + form.data + row.at, batch, slot);
      break;
    }
    at += (length + form.align - 1) & -form.align;
  }
}

function note(row: ControlRow, view: DataView, at: number, batch: Batch, slot: number): void {
  switch (row.tells) {
    case Told.TTL:
      batch.ttl[slot] = view.getUint8(at);
      batch.flags[slot] |= SlotFlag.IP_HEADER;
      return;
    case Told.TOS:
      batch.tos[slot] = view.getUint8(at);
      batch.flags[slot] |= SlotFlag.TOS;
      return;
    case Told.LOCAL_IPV4:
      noteLocal(view, at, 4, batch.local, slot * LOCAL_SIZE);
      return;
    case Told.LOCAL_IPV6:
      noteLocal(view, at, 16, batch.local, slot * LOCAL_SIZE);
      return;
    default:
      batch.stamp[2 * slot] = view.getUint32(at, true);
      batch.stamp[2 * slot + 1] = view.getUint32(at + 8, true) * (row.tells === Told.STAMP_MICRO ? 1000 : 1);
      batch.flags[slot] |= SlotFlag.KERNEL_STAMP;
  }
}

function noteLocal(view: DataView, at: number, size: number, local: Uint8Array, to: number): void {
  if (size === 4) {
    for (let i = 0; i < 10; i++) local[to + i] = 0;
    local[to + 10] = local[to + 11] = 0xff;
  }
  for (let i = 0; i < size; i++) local[to + 16 - size + i] = view.getUint8(at + i);
}

/** Octets that {@linkcode writeSource} may write. */
export const SOURCE_SIZE = 40;

/**
 * Writes the control message of `row` for the address at `from` of `local` to `at` of `view`, whose octets there are 0
 * or of such a message; returns its size.
 */
export function writeSource(
  form: Form,
  row: SourceRow,
  local: Uint8Array,
  from: number,
  view: DataView,
  at: number,
): number {
  const octets = row.size < 16 ? 4 : 16;
  for (let i = 0; i < SOURCE_SIZE; i += 4) view.setUint32(at + i, 0);
  view.setUint32(at, form.data + row.size, true);
  view.setInt32(at + form.level, row.level, true);
  view.setInt32(at + form.type, row.type, true);
  for (let i = 0; i < octets; i++) view.setUint8(at + form.data + row.at + i, local[from + 16 - octets + i]);
  return (form.data + row.size + form.align - 1) & -form.align;
}

/** Whether 16 octets at `at` of `local` can be where a datagram leaves from: known, and not everybody's. */
export function isSource(local: Uint8Array, at: number): boolean {
  if (local[at] === 0xff) return false; // multicast of IPv6
  let any = 0;
  for (let i = 0; i < LOCAL_SIZE; i++) any |= local[at + i];
  return any !== 0 && !(isMapped(local, at) && local[at + 12] >= 224); // multicast and broadcast of IPv4
}

/** Whether 16 octets at `at` are an address of IPv4. */
export function isMapped(octets: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (octets[at + i] !== 0) return false;
  return octets[at + 10] === 0xff && octets[at + 11] === 0xff;
}
