/**
 * A field of characters to draw a curve into: dots of braille where the terminal has them, else a character a place.
 *
 * @module
 */

/** Dots of a braille character: two columns of four rows, as Unicode numbers them. */
const DOTS = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
const BRAILLE = 0x2800;

/** What stands for what. */
export interface Ink {
  /** Between the least and the greatest value. */
  readonly smoke: string;
  /** Where most values are. */
  readonly core: string;
  /** The curve, where there are no dots. */
  readonly curve: string;
  readonly hasDots: boolean;
}

export const UNICODE: Ink = { smoke: "\u2591", core: "\u2592", curve: "", hasDots: true };
export const ASCII: Ink = { smoke: ".", core: ":", curve: "*", hasDots: false };

/** Rows from the bottom, 0 to 1 of the height. */
export class Canvas {
  readonly #columns: number;
  readonly #rows: number;
  readonly #ink: Ink;
  readonly #cells: string[][];
  readonly #dots: Uint8Array;

  constructor(columns: number, rows: number, ink: Ink) {
    this.#columns = columns;
    this.#rows = rows;
    this.#ink = ink;
    this.#cells = Array.from({ length: rows }, () => new Array<string>(columns).fill(" "));
    this.#dots = new Uint8Array(columns * rows);
  }

  /** Row 0 is the uppermost. */
  #row(share: number): number {
    return Math.min(this.#rows - 1, Math.max(0, Math.floor((1 - share) * this.#rows)));
  }

  /** Fills a column between two shares of the height. */
  fill(column: number, low: number, high: number, what: "smoke" | "core"): void {
    if (high < 0 || low > 1) return;
    for (let row = this.#row(high); row <= this.#row(low); row++) this.#cells[row][column] = this.#ink[what];
  }

  /** A character at the upper edge. */
  mark(column: number, text: string): void {
    this.#cells[0][column] = text;
  }

  /** The curve from one place to another; columns may be halves. */
  curve(fromColumn: number, from: number, toColumn: number, to: number): void {
    if (!this.#ink.hasDots) {
      this.#star(Math.floor(fromColumn), from);
      this.#star(Math.floor(toColumn), to);
      return;
    }
    const [x0, x1] = [Math.round(2 * fromColumn), Math.round(2 * toColumn)];
    const dot = (share: number) => Math.min(4 * this.#rows - 1, Math.floor((1 - share) * 4 * this.#rows));
    const [y0, y1] = [dot(from), dot(to)];
    const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
    for (let i = 0; i <= steps; i++) {
      this.#dot(Math.round(x0 + (x1 - x0) * i / steps), Math.round(y0 + (y1 - y0) * i / steps));
    }
  }

  #star(column: number, share: number): void {
    if (share >= 0 && share <= 1) this.#cells[this.#row(share)][column] = this.#ink.curve;
  }

  #dot(x: number, y: number): void {
    const [column, row] = [x >> 1, y >> 2];
    if (column < 0 || column >= this.#columns || row < 0 || row >= this.#rows) return;
    this.#dots[row * this.#columns + column] |= DOTS[y & 3][x & 1];
  }

  /** Row by row from above, each as long as the field is wide. */
  lines(): string[] {
    return this.#cells.map((cells, row) =>
      cells.map((cell, column) => {
        const dots = this.#dots[row * this.#columns + column];
        return dots === 0 ? cell : String.fromCharCode(BRAILLE + dots);
      }).join("")
    );
  }
}
