/**
 * What values an option takes, told by the parsers that check them: a schema and completions need no second list.
 *
 * @module
 */

/** A value in JSON Schema's words. */
export type Shape = Readonly<Record<string, unknown>>;
/** What checks an option's text, as commander calls it. */
export type Parser = (text: string, before: unknown) => unknown;

/** Words, and whether several of them may stand in one value, parted by commas. */
export interface Choices {
  readonly words: () => readonly string[];
  readonly list: boolean;
}

const SHAPES = new WeakMap<object, Shape>();
const CHOICES = new WeakMap<object, Choices>();
const LISTS = new WeakMap<object, object>();

/** Says of a parser what it takes; the words of an `enum` are offered by completions too. */
export function shaped<P extends (text: string) => unknown>(parse: P, shape: Shape): P {
  SHAPES.set(parse, shape);
  return parse;
}

/** Says of a parser which words it takes, among others or with others: completions offer them. */
export function offering<P extends (text: string) => unknown>(
  parse: P,
  words: () => readonly string[],
  list = false,
): P {
  CHOICES.set(parse, { words, list });
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
  return parse === undefined ? undefined : SHAPES.get(itemOf(parse));
}

/** The words that it takes, of a list each item; undefined where it takes none, or nobody said. */
export function choicesOf(parse: object | undefined): Choices | undefined {
  if (parse === undefined) return undefined;
  const one = itemOf(parse);
  const words = SHAPES.get(one)?.enum as readonly string[] | undefined;
  return CHOICES.get(one) ?? (words && { words: () => words, list: false });
}

function itemOf(parse: object): object {
  const one = LISTS.get(parse);
  return one === undefined ? parse : itemOf(one);
}
