/** Reflectors that are deployed, with all that is known to be wrong with each, in the words of what they do. */
import { readRecorded } from "../../captures/captures.ts";
import { type Heard, isReply, quirky, type Reflector, reply } from "./reflectors.ts";

const view = (octets: Uint8Array) => new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
const seqOf = ({ octets }: Heard) => octets.length < 4 ? 0 : view(octets).getUint32(0);

/** Replies numbered by whoever asks; `anew` says which probe begins a session. */
function counting(anew: (heard: Heard) => boolean): (heard: Heard) => number {
  const next = new Map<string, number>();
  return (heard) => {
    const number = anew(heard) ? 0 : next.get(heard.from) ?? 0;
    next.set(heard.from, number + 1);
    return number;
  };
}

/** nokia/twampy: 38 octets whatever comes, one stamp for two, an error of 2^-32 s; three octets end it. */
export const NOKIA: Reflector = () => {
  const number = counting((heard) => seqOf(heard) === 0);
  let ended = false;
  return (heard) => {
    ended ||= heard.octets.length < 12;
    if (ended) return undefined;
    return reply(heard, { size: 38, equal: true, error: 0x0001, ssidAt: -1, rseq: number(heard) });
  };
};

/** chkwok/twampy in its test mode: the same, but it survives; each fifth reply twice, each ninth never. */
export const CHKWOK: Reflector = () => {
  let count = 0;
  const number = counting((heard) => seqOf(heard) === 0);
  return (heard) => {
    if (heard.octets.length < 12 || ++count % 9 === 0) return undefined;
    const octets = reply(heard, { size: 38, equal: true, error: 0x0001, ssidAt: -1, rseq: number(heard) });
    return count % 5 === 0 ? [{ octets }, { octets }] : octets;
  };
};

/** getCUJO/twamp-light: as many octets as came, however few, none above 1472; S and an error of 2^-32 s. */
export const CUJO: Reflector = () => (heard) =>
  heard.octets.length < 14 || heard.octets.length > 1472
    ? undefined
    : reply(heard, { size: heard.octets.length, error: 0x8001, twamp: heard.octets.length > 44, ttl: 64 });

/** domoslabs/twamp-light: the same with the stamps in another order. */
export const DOMOS: Reflector = () => (heard) =>
  heard.octets.length < 14
    ? undefined
    : reply(heard, { size: heard.octets.length, error: 0x8001, swapped: true, ttl: 64 });

/** emirica/twamp-protocol: claims to be synchronised to 2^-32 s. */
export const EMIRICA: Reflector = () => {
  const number = counting(() => false);
  return (heard) =>
    heard.octets.length < 14
      ? undefined
      : reply(heard, { error: 0x8001, twamp: heard.octets.length > 41, rseq: number(heard) });
};

/** tcaine/twamp: nanoseconds where the fraction belongs. */
export const TCAINE: Reflector = quirky({ nanos: true, error: 0x0101 });

/** Knows Location and Extra Padding; buffers of 1024 octets; what is no TLV is left out; anything is answered. */
export const STAMP_SUITE: Reflector = () => (heard) => {
  const octets = heard.octets.slice(0, 1024);
  const padded = new Uint8Array(Math.max(44, octets.length));
  padded.set(octets);
  return reply({ ...heard, octets: padded }, { error: 0x0001, tlvs: stampSuiteTlvs });
};

function stampSuiteTlvs(sent: Uint8Array): Uint8Array {
  const out = sent.slice();
  let at = 0;
  while (at + 4 <= out.length && out[at + 1] !== 0) {
    const length = view(out).getUint16(at + 2);
    const [known, malformed] = [[1, 2].includes(out[at + 1]), at + 4 + length > out.length];
    out[at] = (known ? 0 : 0x80) | (malformed ? 0x40 : 0);
    if (out[at + 1] === 2) {
      view(out).setUint16(at + 4, 862);
      // A sub-TLV header of two octets, and the address the wrong way round.
      out.set([5, 4, 7, 2, 0, 192], at + 8);
    }
    at += 4 + length;
  }
  return out.slice(0, Math.min(at, out.length));
}

/** stamp-suite with strict packets: nothing below 44 octets. */
export const STAMP_SUITE_STRICT: Reflector = () => {
  const all = STAMP_SUITE();
  return (heard) => heard.octets.length < 44 ? undefined : all(heard);
};

/** Understands Location, and has the types of source and destination off; dies of nothing here. */
export const TEAPARTY: Reflector = quirky({
  tlvs: (sent) => {
    const out = sent.slice();
    if (out[1] === 2) {
      out[0] = 0;
      view(out).setUint16(4, 862);
      out.set([0, 8], 8);
      out.set([192, 0, 2, 7], 12);
      out.set([0, 5], 28);
      out.set([192, 0, 2, 1], 32);
    } else if (out.length >= 4) {
      const over = 4 + view(out).getUint16(2) > out.length;
      out[0] = over ? 0x40 : out[1] === 1 ? 0 : 0x80;
      if (out[1] === 1 && out[12 + 1] === 8 && !over) out[12] = 0x80;
    }
    return out;
  },
});

/** yuu61/RFC8762-CLI: RFC 8762 as it stands, stateless; never below 44 octets. */
export const YUU61: Reflector = () => (heard) =>
  heard.octets.length < 14 || isReply(heard.octets)
    ? undefined
    : reply(heard, { size: Math.max(44, heard.octets.length), ssidAt: 14 });

/** demirten/twamp-gui: a TTL of 255 always, 27 octets more than came; nothing shorter than a probe leaves it alive. */
export const DEMIRTEN: Reflector = () => {
  let ended = false;
  return (heard) => {
    ended ||= heard.octets.length < 14;
    return ended ? undefined : reply(heard, { size: 41 + heard.octets.length - 14, ttl: 255 });
  };
};

/** An owamp of old: octets that must be zero are whatever was in memory. */
export const OWAMP: Reflector = quirky({ mbz: 0xbeef, size: (size) => Math.max(41, size), twamp: true });

/** The replies of the recorded conversation `light-imix`, as they were, for whatever is asked: numbers and T1 are the probe's. */
export const RECORDED: Reflector = () => {
  const replies = readRecorded("light-imix").filter(({ from }) => from === 20_001).map(({ octets }) => octets);
  const number = counting((heard) => seqOf(heard) === 0);
  let next = 0;
  return (heard) => {
    if (heard.octets.length < 12) return undefined;
    const octets = replies[next++ % replies.length].slice();
    const now = reply(heard, { equal: true, rseq: number(heard) });
    // Its shape, and its own octets but for what a probe, a counter and a clock put there.
    for (const [at, size] of [[0, 4], [4, 8], [16, 8], [24, 4], [28, 8], [36, 2]]) {
      octets.set(now.slice(at, at + size), at);
    }
    return octets;
  };
};

/** The same with the recorded replies of perfSONAR's twampd, which are as long as their probes. */
export const RECORDED_TWAMPD: Reflector = () => {
  const replies = readRecorded("twamp-unauthenticated").filter(({ from }) => from === 18_842).map(({ octets }) =>
    octets
  );
  const number = counting((heard) => seqOf(heard) === 0);
  let next = 0;
  return (heard) => {
    if (heard.octets.length < 14) return undefined;
    const octets = new Uint8Array(Math.max(41, heard.octets.length));
    octets.set(replies[next++ % replies.length].subarray(0, Math.min(41, octets.length)));
    octets.set(heard.octets.subarray(14, 14 + octets.length - 41), 41);
    const now = reply(heard, { rseq: number(heard) });
    for (const [at, size] of [[0, 4], [4, 8], [16, 8], [24, 4], [28, 8], [36, 2], [40, 1]]) {
      octets.set(now.slice(at, at + size), at);
    }
    return octets;
  };
};
