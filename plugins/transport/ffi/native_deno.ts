/**
 * `Deno.dlopen`.
 *
 * @module
 */
import type { Functions, Native, NativeType, Signature } from "./native.ts";

interface ForeignFunction {
  parameters: readonly string[];
  result: string;
}
interface DenoFfi {
  dlopen?(library: string, symbols: Record<string, ForeignFunction>): { symbols: Record<string, never> };
  UnsafePointer: { of(memory: Uint8Array): unknown; value(pointer: unknown): bigint; create(address: bigint): unknown };
  UnsafePointerView: { getArrayBuffer(pointer: unknown, length: number): ArrayBuffer };
  UnsafeFnPointer: new (pointer: unknown, definition: ForeignFunction) => { call(...args: unknown[]): unknown };
}

const TYPES: Readonly<Record<NativeType, string>> = {
  i32: "i32",
  u32: "u32",
  u64: "u64",
  address: "usize",
  buffer: "buffer",
  void: "void",
};

function definition({ parameters, result }: Signature): ForeignFunction {
  return { parameters: parameters.map((type) => TYPES[type]), result: TYPES[result] };
}

/** Undefined on other runtimes. */
export function openDenoNative(): Native | undefined {
  const deno = (globalThis as unknown as { Deno?: DenoFfi }).Deno;
  if (deno?.dlopen === undefined) return undefined;
  return {
    open<S extends Readonly<Record<string, Signature>>>(library: string, signatures: S): Functions<S> {
      const symbols = Object.fromEntries(Object.entries(signatures).map(([name, s]) => [name, definition(s)]));
      return deno.dlopen!(library, symbols).symbols as Functions<S>;
    },
    fromPointer(pointer, signature) {
      const called = new deno.UnsafeFnPointer(deno.UnsafePointer.create(pointer), definition(signature));
      return (...args) => called.call(...args);
    },
    address: (memory) => BigInt(deno.UnsafePointer.value(deno.UnsafePointer.of(memory))),
    view: (address, length) => deno.UnsafePointerView.getArrayBuffer(deno.UnsafePointer.create(address), length),
  };
}
