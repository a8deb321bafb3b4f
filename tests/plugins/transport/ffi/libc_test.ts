/** Systems without libc or without FFI: in a few words why, and no exception. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { type Native } from "../../../../plugins/transport/ffi/native.ts";
import { loadLibc } from "../../../../plugins/transport/ffi/linux/libc.ts";
import { openNative } from "../../../../plugins/transport/ffi/open_native.ts";

/** An FFI that opens no library, and why. */
function refusing(name: string, tried: string[] = []): Native {
  const fail = (library: string) => {
    tried.push(library);
    throw Object.assign(new Error(`${library}: cannot open shared object file`), { name });
  };
  return { open: fail, fromPointer: fail, address: fail, view: fail } as unknown as Native;
}

test("no runtime without FFI gets a transport", () => {
  assert.equal(loadLibc(undefined), "this runtime has no FFI");
});

test("no libc by any name: each was tried", () => {
  const tried: string[] = [];
  assert.equal(loadLibc(refusing("Error", tried)), "the system's library could not be loaded");
  assert.ok(tried.includes("libc.so.6") && tried.some((library) => library.includes("musl")), tried.join());
});

test("a refused permission names the option that grants it", () => {
  assert.match(String(loadLibc(refusing("NotCapable"))), /--allow-ffi/);
});

test("the second name is taken where the first is not there", { skip: openNative() === undefined && "no FFI" }, () => {
  const native = openNative()!;
  const first: Native = {
    ...native,
    open(library, signatures) {
      if (library === "libc.so.6") throw new Error("not here");
      return native.open("libc.so.6", signatures);
    },
  };
  const libc = loadLibc(first);
  assert.ok(typeof libc !== "string" && libc.getpid() > 0);
});
