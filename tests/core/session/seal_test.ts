/** Sealed test packets, against what another implementation sent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deriveTestKeys, Seal, type SealMode } from "../../../core/session/seal.ts";
import { OPEN, SEALED } from "../../../core/wire/offsets.ts";
import { GuardedView } from "../wire/guarded_view.ts";
import { readSealedSession } from "../../support/recorded_session.ts";

type Which = "Sender" | "Reflector";

/** `octets` with room around them, sealed or opened in place. */
function handle(seal: Seal, what: "seal" | "open", which: Which, octets: Uint8Array): Uint8Array | undefined {
  const view = new GuardedView(octets);
  const bytes = new Uint8Array(view.buffer);
  if (what === "seal") seal[`seal${which}`](view, bytes, view.at);
  else if (!seal[`open${which}`](view, bytes, view.at)) {
    assert.deepEqual(view.octets(), octets, "what is refused stays as it came");
    return undefined;
  }
  assert.ok(bytes.subarray(0, view.at).every((octet) => octet === 0xff), "nothing before it is touched");
  assert.ok(bytes.subarray(view.at + octets.length).every((octet) => octet === 0xff), "nothing behind it is touched");
  return view.octets().slice();
}

const word = (octets: Uint8Array, at: number) => new DataView(octets.buffer, octets.byteOffset).getUint32(at);

for (const mode of ["authenticated", "encrypted"] as const satisfies SealMode[]) {
  const session = readSealedSession(`twamp-${mode}`);
  const keys = deriveTestKeys(session.controlAesKey, session.controlHmacKey, session.sid);
  const seal = new Seal(mode, keys);
  const packets: [Which, Uint8Array][] = [
    ...session.probes.map((octets): [Which, Uint8Array] => ["Sender", octets]),
    ...session.replies.map((octets): [Which, Uint8Array] => ["Reflector", octets]),
  ];

  test(`the control connection recorded in ${mode} mode is read as it was meant`, () => {
    assert.deepEqual(session.challenge.returned, session.challenge.sent);
    assert.equal(session.accept, 0);
    assert.equal(session.port, session.datagrams[0].to);
    assert.deepEqual([session.probes.length, session.replies.length], [5, 5]);
  });

  test(`recorded ${mode} packets open, say what they must, and seal to the same octets again`, () => {
    packets.forEach(([which, octets], i) => {
      const plain = handle(seal, "open", which, octets);
      assert.ok(plain, `${which} ${i % 5} verifies`);
      assert.equal(word(plain, SEALED.SEQ), i % 5);
      assert.ok(plain.slice(4, 16).every((octet) => octet === 0), "reserved octets");
      if (which === "Reflector") {
        const probe = handle(seal, "open", "Sender", session.probes[i % 5])!;
        assert.equal(word(plain, SEALED.SENDER_SEQ), i % 5);
        assert.deepEqual(
          plain.slice(SEALED.SENDER_TIME, SEALED.SENDER_ERROR + 2),
          probe.slice(SEALED.TIME, SEALED.ERROR + 2),
        );
        assert.equal(plain[SEALED.SENDER_TTL], 255);
      }
      assert.deepEqual(handle(seal, "seal", which, plain), octets);
    });
  });

  test(`${mode}: a bit flipped in what is covered, or in the MAC, is refused; elsewhere nothing changes`, () => {
    for (const [which, octets] of [packets[0], packets[5], packets[9]]) {
      const mac = which === "Sender" ? 32 : 96;
      const covered = mode === "encrypted" ? mac : 16;
      const plain = handle(seal, "open", which, octets)!;
      for (let bit = 0; bit < 8 * octets.length; bit++) {
        const flipped = octets.slice();
        const at = bit >> 3;
        flipped[at] ^= 1 << (bit & 7);
        const opened = handle(seal, "open", which, flipped);
        if (at < covered || (at >= mac && at < mac + 16)) assert.equal(opened, undefined, `bit ${bit}`);
        else {
          plain[at] ^= 1 << (bit & 7);
          assert.deepEqual(opened, plain, `bit ${bit}`);
          plain[at] ^= 1 << (bit & 7);
        }
      }
    }
  });

  test(`${mode}: another session's key opens nothing, nor does this one's open the other direction`, () => {
    const sid = session.sid.slice();
    sid[15] ^= 1;
    const other = new Seal(mode, deriveTestKeys(session.controlAesKey, session.controlHmacKey, sid));
    for (const [which, octets] of packets) {
      assert.equal(handle(other, "open", which, octets), undefined);
      if (which === "Reflector") assert.equal(handle(seal, "open", "Sender", octets), undefined);
    }
  });

  test(`${mode}: what was sealed here is unsealed without its MAC`, () => {
    const plain = handle(seal, "open", "Reflector", session.replies[2])!;
    const view = new GuardedView(session.replies[2]);
    seal.unsealReflector(view, view.at);
    assert.deepEqual(view.octets(), plain);
  });
}

test("stamps stay clear in authenticated mode, so they can be written last", () => {
  const session = readSealedSession("twamp-authenticated");
  const seal = new Seal(
    "authenticated",
    deriveTestKeys(session.controlAesKey, session.controlHmacKey, session.sid),
  );
  const stamped = session.replies[0].slice();
  stamped.fill(0x5a, SEALED.TIME, SEALED.ERROR + 2);
  assert.ok(handle(seal, "open", "Reflector", stamped));
});

test("both tables have one shape, which engines like", () => {
  assert.deepEqual(Object.keys(OPEN), Object.keys(SEALED));
});

test("keys of another size are refused", () => {
  const key = new Uint8Array(16);
  assert.throws(() => deriveTestKeys(new Uint8Array(32), new Uint8Array(32), key), RangeError);
  assert.throws(() => deriveTestKeys(key, key, key), RangeError);
  assert.throws(() => deriveTestKeys(key, new Uint8Array(32), new Uint8Array(8)), RangeError);
});
