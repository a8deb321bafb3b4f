/**
 * A view that throws on any access outside a span of it, though the buffer goes on: a decoder that looks past the end
 * of a packet finds the next slot of the arena there, and no exception.
 *
 * @module
 */

const MARGIN = 64;

/** DataView, in the one form that the type checker lets a class extend. */
const View = DataView as unknown as new (buffer: ArrayBuffer) => DataView;

/** `octets` inside a larger buffer of 0xff; only they may be read or written. */
export class GuardedView extends View {
  readonly #from: number;
  readonly #to: number;

  constructor(octets: Uint8Array) {
    const arena = new Uint8Array(octets.length + 2 * MARGIN).fill(0xff);
    arena.set(octets, MARGIN);
    super(arena.buffer);
    this.#from = MARGIN;
    this.#to = MARGIN + octets.length;
  }

  /** Where the octets start. */
  get at(): number {
    return this.#from;
  }

  /** The octets as they are now. */
  octets(): Uint8Array {
    return new Uint8Array(this.buffer, this.#from, this.#to - this.#from);
  }

  #check(at: number, size: number): number {
    if (at < this.#from || at + size > this.#to) {
      throw new Error(`octets ${at} to ${at + size} touched, ${this.#from} to ${this.#to} allowed`);
    }
    return at;
  }

  override getUint8(at: number): number {
    return super.getUint8(this.#check(at, 1));
  }
  override getUint16(at: number, little = false): number {
    return super.getUint16(this.#check(at, 2), little);
  }
  override getUint32(at: number, little = false): number {
    return super.getUint32(this.#check(at, 4), little);
  }
  override setUint8(at: number, value: number): void {
    super.setUint8(this.#check(at, 1), value);
  }
  override setUint16(at: number, value: number, little = false): void {
    super.setUint16(this.#check(at, 2), value, little);
  }
  override setUint32(at: number, value: number, little = false): void {
    super.setUint32(this.#check(at, 4), value, little);
  }
}
