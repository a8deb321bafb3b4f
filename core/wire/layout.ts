/**
 * Layout tables: every octet of a message, named. They feed the dissector, the codecs and the test that no octet is
 * forgotten or covered twice.
 *
 * @module
 */

/** How the octets of a field are read. */
export type FieldKind = "u8" | "u16" | "u32" | "timestamp" | "error" | "mbz" | "bytes";

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
