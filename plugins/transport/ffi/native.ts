/**
 * The one shape that both runtimes' FFI is brought to.
 *
 * Memory that crosses is a `Uint8Array` over an `ArrayBuffer` of its own: Bun moves small arrays that have none yet when
 * somebody asks for it, and a pointer kept by the system would then point to where they were.
 *
 * @module
 */
/**
 * What a parameter or a result is. `u64` and `address` are bigint as parameters, which Deno passes without a detour;
 * `buffer` takes null as well.
 */
export type NativeType = "i32" | "u32" | "u64" | "address" | "buffer" | "void";

/** A function of a library. */
export interface Signature {
  readonly parameters: readonly NativeType[];
  /** `address` comes back as bigint. */
  readonly result: "i32" | "u32" | "address" | "void";
}

// deno-lint-ignore no-explicit-any
type NativeFunction = (...args: any[]) => any;

/** Functions by name. */
export type Functions<S> = { readonly [name in keyof S]: NativeFunction };

/** A runtime's way to call the system. */
export interface Native {
  /** Throws if the library or a function is not there. */
  open<S extends Readonly<Record<string, Signature>>>(library: string, signatures: S): Functions<S>;
  /** A function that the system gave as a pointer. */
  fromPointer(pointer: bigint, signature: Signature): NativeFunction;
  /** Where `memory` is. Only for memory with an `ArrayBuffer` of its own, and as long as somebody holds it. */
  address(memory: Uint8Array): bigint;
  /** The memory at an address that the system gave; not a copy. */
  view(address: bigint, length: number): ArrayBuffer;
}

/** Memory that can be handed to the system: zeroed, and at one place for good. */
export function fixedMemory(octets: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(octets));
}
