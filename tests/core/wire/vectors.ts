/**
 * The annotated packets of tests/vectors: a line of hex, then `# Field Name = value`. Lines with nothing but a comment
 * say where the packet is from and, as `# key: value`, what it is.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { KIND_LAYOUT, type PacketKind } from "../../../core/wire/dissect.ts";
import type { Layout } from "../../../core/wire/layout.ts";
import { SEALED_REFLECTOR, SEALED_SENDER, SEALED_SYMMETRICAL_SENDER } from "../../../core/wire/sealed_packet.ts";
import {
  TWAMP_MONITORED_REFLECTOR,
  TWAMP_SYMMETRICAL_MONITORED_SENDER,
  TWAMP_SYMMETRICAL_SENDER,
} from "../../../core/wire/test_packet.ts";

/** One annotated field; `value` is undefined where the annotation only names it. */
export interface VectorField {
  readonly at: number;
  readonly octets: Uint8Array;
  readonly name: string;
  readonly value: string | undefined;
}

/** Packets that only they can read who have agreed on them: nothing guesses them. */
const AGREED_LAYOUT: Readonly<Record<string, Layout>> = {
  "twamp-reflector-monitored": TWAMP_MONITORED_REFLECTOR,
  "twamp-sender-symmetrical": TWAMP_SYMMETRICAL_SENDER,
  "twamp-sender-symmetrical-monitored": TWAMP_SYMMETRICAL_MONITORED_SENDER,
  "sealed-sender": SEALED_SENDER,
  "sealed-reflector": SEALED_REFLECTOR,
  "sealed-sender-symmetrical": SEALED_SYMMETRICAL_SENDER,
};

/** One file. */
export interface Vector {
  readonly name: string;
  readonly layout: Layout;
  /** Ends before its base packet does, as some implementations' do. */
  readonly short: boolean;
  /** What follows the base packet is TLVs, not padding. */
  readonly tlvs: boolean;
  readonly octets: Uint8Array;
  readonly fields: readonly VectorField[];
}

const FOLDER = new URL("../../vectors/", import.meta.url);

/** One file of packets that can be guessed. */
export interface GuessableVector extends Vector {
  readonly kind: PacketKind;
}

function parse(name: string, text: string): Vector & { kind: string } {
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
  const kind = keys.get("layout")!;
  const layout = KIND_LAYOUT[kind as PacketKind] ?? AGREED_LAYOUT[kind];
  return { name, kind, layout, short: keys.has("short"), tlvs: keys.has("tlvs"), octets: Uint8Array.from(all), fields };
}

const ALL = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".hex"))
  .sort()
  .map((file) => parse(file.slice(0, -4), readFileSync(new URL(file, FOLDER), "utf8")));

/** Packets that can be guessed, in order of name. */
export const VECTORS = ALL.filter(({ kind }) => kind in KIND_LAYOUT) as readonly GuessableVector[];

/** The others. */
export const AGREED_VECTORS: readonly Vector[] = ALL.filter(({ kind }) => kind in AGREED_LAYOUT);
