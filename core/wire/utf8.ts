/**
 * UTF-8 for the one text field there is, KeyID: the language alone has neither TextEncoder nor TextDecoder.
 *
 * @module
 */

const REPLACEMENT = "\ufffd";
/** The least code point that needs so many octets: shorter forms of it are refused. */
const LEAST = [0, 0, 0x80, 0x800, 0x1_0000];

/** The octets of `text`; half a surrogate pair becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const octets: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0xd800 && code < 0xe000) octets.push(0xef, 0xbf, 0xbd);
    else if (code < 0x80) octets.push(code);
    else if (code < 0x800) octets.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x1_0000) octets.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else octets.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
  }
  return Uint8Array.from(octets);
}

function tail(code: number): number {
  return 0x80 | (code & 0x3f);
}

/** The text of `octets`; each octet that is no UTF-8 becomes U+FFFD. */
export function decodeUtf8(octets: Uint8Array): string {
  let text = "";
  for (let at = 0; at < octets.length;) {
    const size = sizeOf(octets[at]);
    const code = size === 0 ? -1 : codeAt(octets, at, size);
    text += code < 0 ? REPLACEMENT : String.fromCodePoint(code);
    at += code < 0 ? 1 : size;
  }
  return text;
}

/** Octets of the character that starts with `first`; 0 if none does. */
function sizeOf(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc0) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf8 ? 4 : 0;
}

/** The code point of `size` octets at `at`; -1 if they are none. */
function codeAt(octets: Uint8Array, at: number, size: number): number {
  if (size === 1) return octets[at];
  if (at + size > octets.length) return -1;
  let code = octets[at] & (0x7f >> size);
  for (let i = 1; i < size; i++) {
    if ((octets[at + i] & 0xc0) !== 0x80) return -1;
    code = (code << 6) | (octets[at + i] & 0x3f);
  }
  const surrogate = code >= 0xd800 && code < 0xe000;
  return code < LEAST[size] || code > 0x10_ffff || surrogate ? -1 : code;
}
