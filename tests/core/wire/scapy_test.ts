/**
 * Our STAMP packets, read by somebody else: the STAMP layer of scapy, which knows base packets in the open and the frame
 * of TLVs. Version 2.5 names their flags from the wrong end (U is its R), so that only their number is compared, and is
 * told the length of the datagram by hand. It is run by the system's own python, where Debian puts it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { VECTORS } from "./vectors.ts";

const PYTHON = "/usr/bin/python3";
/** Reads a line of JSON a packet, `[kind, hex]`; writes one of what scapy makes of it. */
const SCRIPT = `
import json, sys
from scapy.config import conf
conf.debug_dissector = 1
from scapy.layers.inet import IP, UDP
from scapy.contrib import stamp
kinds = {"stamp-sender": stamp.STAMPSessionSenderTestUnauthenticated,
         "stamp-reflector": stamp.STAMPSessionReflectorTestUnauthenticated}
for line in sys.stdin:
    kind, text = json.loads(line)
    octets = bytes.fromhex(text)
    packet = kinds[kind](octets, _parent=UDP(len=8 + len(octets)))
    out = {name: getattr(packet, name) for name in ("seq", "ssid", "seq_sender", "ttl_sender") if hasattr(packet, name)}
    out["error"] = bytes(packet.err_estimate).hex()
    out["tlvs"] = [[int(t.flags), t.type, t.len, bytes(t.value).hex()] for t in packet.tlv_objects]
    out["same"] = bytes(packet).hex() == text
    print(json.dumps(out))
`;

function missing(): string | undefined {
  const { status } = spawnSync(PYTHON, ["-c", "import scapy.contrib.stamp"], { timeout: 60_000 });
  return status === 0 ? undefined : "scapy with its STAMP layer is not here (Debian package python3-scapy)";
}

function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** The TLVs behind the base packet, as scapy lists them. */
function tlvsOf(octets: Uint8Array): unknown[] {
  const tlvs: unknown[] = [];
  for (let at = 44; at < octets.length;) {
    const length = octets[at + 2] * 256 + octets[at + 3];
    tlvs.push([octets[at], octets[at + 1], length, hex(octets.slice(at + 4, at + 4 + length))]);
    at += 4 + length;
  }
  return tlvs;
}

const reason = missing();
if (reason !== undefined && process.env.CI === "true") {
  test("scapy reads our STAMP packets", () => assert.fail(`${reason}: in CI this test must run, install it`));
} else {
  test("scapy reads our STAMP packets as we do, octet for octet", { skip: reason ?? false }, () => {
    // NTP alone: scapy reads PTP seconds as a date, and writes another one back. It knows open mode alone.
    const packets = VECTORS.filter(({ kind, name }) =>
      /^stamp-(sender|reflector)$/.test(kind) && !name.endsWith("ptp")
    );
    assert.ok(packets.length >= 6);
    const input = packets.map(({ kind, octets }) => JSON.stringify([kind, hex(octets)])).join("\n");
    const { stdout, stderr, status } = spawnSync(PYTHON, ["-c", SCRIPT], { input, encoding: "utf8", timeout: 60_000 });
    assert.equal(status, 0, stderr);
    const read = stdout.trim().split("\n").map((line) => JSON.parse(line));
    packets.forEach(({ name, kind, octets }, i) => {
      const view = new DataView(octets.buffer, octets.byteOffset);
      assert.equal(read[i].seq, view.getUint32(0), name);
      assert.equal(read[i].ssid, view.getUint16(14), name);
      assert.equal(read[i].error, hex(octets.slice(12, 14)), name);
      assert.deepEqual(read[i].tlvs, tlvsOf(octets), name);
      assert.ok(read[i].same, `${name}: written back as it was`);
      if (kind === "stamp-reflector") {
        assert.equal(read[i].seq_sender, view.getUint32(24), name);
        assert.equal(read[i].ttl_sender, octets[40], name);
      }
    });
  });
}
