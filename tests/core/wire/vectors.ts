/**
 * The annotated packets of tests/vectors: a line of hex, then `# Field Name = value`. Lines with nothing but a comment
 * say where the packet is from and, as `# key: value`, what it is.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import type { PacketKind } from "../../../core/wire/dissect.ts";

/** One annotated field; `value` is undefined where the annotation only names it. */
export interface VectorField {
  readonly at: number;
  readonly octets: Uint8Array;
  readonly name: string;
  readonly value: string | undefined;
}

/** One file. */
export interface Vector {
  readonly name: string;
  readonly kind: PacketKind;
  /** Ends before its base packet does, as some implementations' do. */
  readonly short: boolean;
  /** What follows the base packet is TLVs, not padding. */
  readonly tlvs: boolean;
  readonly octets: Uint8Array;
  readonly fields: readonly VectorField[];
}

const FOLDER = new URL("../../vectors/", import.meta.url);

function parse(name: string, text: string): Vector {
  const keys = new Map<string, string>();
  const fields: VectorField[] = [];
  const all: number[] = [];
  for (const line of text.trim().split("\n")) {
    const [hex, ...rest] = line.split("#");
    const comment = rest.join("#").trim();
    const octets = Uint8Array.from(hex.replaceAll(" ", "").match(/../g) ?? [], (pair) => parseInt(pair, 16));
    if (octets.length > 0 && comment !== "") {
      const [label, value] = comment.split(" = ");
      fields.push({ at: all.length, octets, name: label, value });
    } else if (octets.length === 0) {
      const key = /^([a-z]+): (\S+)$/.exec(comment);
      if (key) keys.set(key[1], key[2]);
    }
    all.push(...octets);
  }
  const kind = keys.get("layout") as PacketKind;
  return { name, kind, short: keys.has("short"), tlvs: keys.has("tlvs"), octets: Uint8Array.from(all), fields };
}

/** Every vector, in order of name. */
export const VECTORS: readonly Vector[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".hex"))
  .sort()
  .map((file) => parse(file.slice(0, -4), readFileSync(new URL(file, FOLDER), "utf8")));
