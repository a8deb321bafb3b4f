/**
 * The AES-128 cipher of FIPS 197, one block at a time, encryption alone.
 *
 * Our own, though there are good packages: the schedule of RFC 4656 draws from it for every probe, and what
 * `@noble/ciphers` has for one block allocates on each call and adds 7 ms to each start of the program, whatever it is
 * started for. This is tested with the vectors of FIPS 197 and against that package.
 *
 * A table is looked up by secret octets, so whoever shares this processor's cache may learn of the key. That is nothing
 * to a schedule; what encrypts secrets must weigh it.
 *
 * @module
 */

const ROUNDS = 10;

/** A key, expanded once, and then any number of blocks. */
export class Aes128 {
  readonly #tables: Tables = cipherTables();
  readonly #keys: Int32Array;

  /** `key`: 16 octets. */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new RangeError(`an AES-128 key has 16 octets, not ${key.length}`);
    this.#keys = expandKey(key, this.#tables.sbox);
  }

  /** Encrypts the block in place: its 16 octets as four words, most significant octet first. */
  encrypt(block: Uint32Array): void {
    const { sbox, t0, t1, t2, t3 } = this.#tables;
    const k = this.#keys;
    let a = block[0] ^ k[0];
    let b = block[1] ^ k[1];
    let c = block[2] ^ k[2];
    let d = block[3] ^ k[3];
    // SubBytes, ShiftRows and MixColumns in four lookups a column (Rijndael proposal, section 5.2.1), then AddRoundKey.
    for (let i = 4; i < 4 * ROUNDS; i += 4) {
      const e = t0[a >>> 24] ^ t1[b >>> 16 & 0xff] ^ t2[c >>> 8 & 0xff] ^ t3[d & 0xff] ^ k[i];
      const f = t0[b >>> 24] ^ t1[c >>> 16 & 0xff] ^ t2[d >>> 8 & 0xff] ^ t3[a & 0xff] ^ k[i + 1];
      const g = t0[c >>> 24] ^ t1[d >>> 16 & 0xff] ^ t2[a >>> 8 & 0xff] ^ t3[b & 0xff] ^ k[i + 2];
      d = t0[d >>> 24] ^ t1[a >>> 16 & 0xff] ^ t2[b >>> 8 & 0xff] ^ t3[c & 0xff] ^ k[i + 3];
      a = e;
      b = f;
      c = g;
    }
    // The last round has no MixColumns.
    block[0] = (sbox[a >>> 24] << 24 | sbox[b >>> 16 & 0xff] << 16 | sbox[c >>> 8 & 0xff] << 8 | sbox[d & 0xff]) ^
      k[40];
    block[1] = (sbox[b >>> 24] << 24 | sbox[c >>> 16 & 0xff] << 16 | sbox[d >>> 8 & 0xff] << 8 | sbox[a & 0xff]) ^
      k[41];
    block[2] = (sbox[c >>> 24] << 24 | sbox[d >>> 16 & 0xff] << 16 | sbox[a >>> 8 & 0xff] << 8 | sbox[b & 0xff]) ^
      k[42];
    block[3] = (sbox[d >>> 24] << 24 | sbox[a >>> 16 & 0xff] << 16 | sbox[b >>> 8 & 0xff] << 8 | sbox[c & 0xff]) ^
      k[43];
  }
}

/** FIPS 197 section 5.2: a round key of four words for the beginning and for each round. */
function expandKey(key: Uint8Array, sbox: Uint8Array): Int32Array {
  const words = new Int32Array(4 * (ROUNDS + 1));
  const view = new DataView(key.buffer, key.byteOffset, 16);
  for (let i = 0; i < 4; i++) words[i] = view.getInt32(4 * i);
  for (let i = 4, rcon = 1; i < words.length; i++) {
    let word = words[i - 1];
    if (i % 4 === 0) {
      // SubWord of RotWord, and the round constant.
      word = sbox[word >>> 16 & 0xff] << 24 | sbox[word >>> 8 & 0xff] << 16 | sbox[word & 0xff] << 8 |
        sbox[word >>> 24];
      word ^= rcon << 24;
      rcon = double(rcon);
    }
    words[i] = words[i - 4] ^ word;
  }
  return words;
}

interface Tables {
  readonly sbox: Uint8Array;
  /** Column of MixColumns for an octet of row 0; the other rows have it rotated. */
  readonly t0: Int32Array;
  readonly t1: Int32Array;
  readonly t2: Int32Array;
  readonly t3: Int32Array;
}

let made: Tables | undefined;

/** Made when first asked for: a program that encrypts nothing does not wait for them. */
function cipherTables(): Tables {
  if (made !== undefined) return made;
  const sbox = substitution();
  const [t0, t1, t2, t3] = [new Int32Array(256), new Int32Array(256), new Int32Array(256), new Int32Array(256)];
  for (let octet = 0; octet < 256; octet++) {
    const s = sbox[octet];
    const column = double(s) << 24 | s << 16 | s << 8 | double(s) ^ s;
    t0[octet] = column;
    t1[octet] = column >>> 8 | column << 24;
    t2[octet] = column >>> 16 | column << 16;
    t3[octet] = column >>> 24 | column << 8;
  }
  return made = { sbox, t0, t1, t2, t3 };
}

/** FIPS 197 section 5.1.1: the inverse in GF(2^8), then the affine transformation. */
function substitution(): Uint8Array {
  // 3 generates the field: its powers are all elements but 0, and the inverse of 3^n is 3^(255 - n).
  const powers = new Uint8Array(255);
  for (let n = 0, power = 1; n < 255; n++, power ^= double(power)) powers[n] = power;
  const sbox = new Uint8Array(256);
  sbox[0] = 0x63;
  for (let n = 0; n < 255; n++) {
    const inverse = powers[(255 - n) % 255];
    const twice = inverse << 8 | inverse; // so that a right shift rotates
    sbox[powers[n]] = inverse ^ twice >> 7 ^ twice >> 6 ^ twice >> 5 ^ twice >> 4 ^ 0x63;
  }
  return sbox;
}

/** Multiplication by 2 in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197 section 4.3). */
function double(octet: number): number {
  return octet << 1 ^ (octet & 0x80 ? 0x11b : 0);
}
