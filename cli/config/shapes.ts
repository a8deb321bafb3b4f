/**
 * What values an option takes, for a schema: told by the parsers that check them, so that it is written down once.
 *
 * @module
 */

/** A value in JSON Schema's words. */
export type Shape = Readonly<Record<string, unknown>>;
/** What checks an option's text, as commander calls it. */
export type Parser = (text: string, before: unknown) => unknown;

const SHAPES = new WeakMap<object, Shape>();
const LISTS = new WeakMap<object, object>();

/** Says of a parser what it takes. */
export function shaped<P extends (text: string) => unknown>(parse: P, shape: Shape): P {
  SHAPES.set(parse, shape);
  return parse;
}

/** Says of a parser that it adds to a list what `one` makes. */
export function listOf<P extends Parser>(parse: P, one: object): P {
  LISTS.set(parse, one);
  return parse;
}

/** Whether it adds to a list. */
export function isList(parse: object | undefined): boolean {
  return parse !== undefined && LISTS.has(parse);
}

/** What it takes, of a list each item; undefined where nobody said. */
export function shapeOf(parse: object | undefined): Shape | undefined {
  if (parse === undefined) return undefined;
  const one = LISTS.get(parse);
  return one === undefined ? SHAPES.get(parse) : shapeOf(one);
}
