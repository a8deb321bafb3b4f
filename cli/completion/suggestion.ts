/**
 * What a shell is told: words to choose from, or that files are wanted.
 *
 * @module
 */

/** A word, and a sentence about it where shells show one. */
export interface Candidate {
  readonly value: string;
  readonly summary: string;
}

/** Candidates are whole words, `prefix` included; files are completed by the shell itself, behind `prefix`. */
export interface Suggestion {
  readonly candidates: readonly Candidate[];
  readonly files?: { readonly prefix: string; readonly folders: boolean };
}

export const NOTHING: Suggestion = { candidates: [] };

/** Files behind `prefix`. */
export function filesBehind(prefix: string, folders = false): Suggestion {
  return { candidates: [], files: { prefix, folders } };
}

/** Those of `candidates` that `current` is the beginning of, behind `prefix`. */
export function matching(prefix: string, current: string, candidates: readonly Candidate[]): Suggestion {
  return {
    candidates: candidates.map(({ value, summary }) => ({ value: prefix + value, summary }))
      .filter(({ value }) => value.startsWith(current)),
  };
}

/** Words without a sentence. */
export function plain(words: readonly string[]): Candidate[] {
  return words.map((value) => ({ value, summary: "" }));
}

/**
 * As shells read it: the first line says of what kind the rest is. `words`, then a line each, value and sentence parted
 * by a tab; or `files` or `folders`, a tab and the prefix.
 */
export function suggestionText({ candidates, files }: Suggestion): string {
  if (files !== undefined) return `${files.folders ? "folders" : "files"}\t${files.prefix}\n`;
  const lines = candidates.map(({ value, summary }) => `${value}\t${summary.replace(/\s+/g, " ")}`);
  return ["words", ...lines, ""].join("\n");
}
