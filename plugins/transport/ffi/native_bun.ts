/**
 * `bun:ffi`.
 *
 * @module
 */
import process from "node:process";
import type { Functions, Native, NativeType, Signature } from "./native.ts";

interface ForeignFunction {
  args: readonly string[];
  returns: string;
  ptr?: number;
}
interface BunFfi {
  dlopen(library: string, symbols: Record<string, ForeignFunction>): { symbols: Record<string, never> };
  CFunction(definition: ForeignFunction): (...args: unknown[]) => unknown;
  ptr(memory: Uint8Array): number;
  toArrayBuffer(pointer: number, offset: number, length: number): ArrayBuffer;
}

const TYPES: Readonly<Record<NativeType, string>> = {
  i32: "i32",
  u32: "u32",
  u64: "u64",
  address: "u64",
  buffer: "ptr",
  void: "void",
};

function definition({ parameters, result }: Signature): ForeignFunction {
  return { args: parameters.map((type) => TYPES[type]), returns: TYPES[result] };
}

/** Undefined on other runtimes. Not an import: that has to be static, which Deno refuses, or a promise. */
export function openBunNative(): Native | undefined {
  if (process.versions.bun === undefined) return undefined;
  const ffi = process.getBuiltinModule("bun:ffi") as unknown as BunFfi | undefined;
  if (ffi === undefined) return undefined;
  return {
    open<S extends Readonly<Record<string, Signature>>>(library: string, signatures: S): Functions<S> {
      const symbols = Object.fromEntries(Object.entries(signatures).map(([name, s]) => [name, definition(s)]));
      return ffi.dlopen(library, symbols).symbols as Functions<S>;
    },
    fromPointer: (pointer, signature) => ffi.CFunction({ ...definition(signature), ptr: Number(pointer) }),
    address: (memory) => BigInt(ffi.ptr(memory)),
    view: (address, length) => ffi.toArrayBuffer(Number(address), 0, length),
  };
}
