/**
 * Layout tables: every octet of a message, named. They feed the dissector, the codecs and the test that no octet is
 * forgotten or covered twice.
 *
 * @module
 */

/** Octets of the kinds that are read as a number. */
export const NUMBER_SIZE = {
  u8: 1,
  u16: 2,
  u32: 4,
  error: 2,
  accept: 1,
  /** Four bits that must be zero, four of an IP version. */
  version: 1,
  modes: 4,
  "type-p": 4,
} as const;

/** How the octets of a field are read: as a number, or as what they are. */
export type FieldKind =
  | keyof typeof NUMBER_SIZE
  | "timestamp"
  | "interval"
  | "address"
  | "text"
  | "mbz"
  | "bytes";

/** One field. */
export interface Field {
  readonly name: string;
  readonly at: number;
  readonly size: number;
  readonly kind: FieldKind;
}

/** A fixed header, every octet accounted for. */
export interface Layout {
  readonly name: string;
  /** Document and section it is from. */
  readonly rfc: string;
  readonly size: number;
  readonly fields: readonly Field[];
}

/** Makes a layout out of fields in order; offsets follow from sizes. */
export function layout(
  name: string,
  rfc: string,
  fields: readonly (readonly [name: string, kind: FieldKind, size: number])[],
): Layout {
  let at = 0;
  const placed = fields.map(([fieldName, kind, size]) => {
    const field: Field = { name: fieldName, at, size, kind };
    at += size;
    return field;
  });
  return { name, rfc, size: at, fields: placed };
}
