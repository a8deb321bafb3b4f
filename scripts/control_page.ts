// docs/control.md: the states of TWAMP-Control, out of the tables that the machines run on.
import { CLIENT, SERVER, type Table } from "../core/control/table.ts";
import { Accept, acceptText } from "../core/wire/control.ts";

const INTRODUCTION = `# TWAMP-Control

Made from the tables in \`core/control/table.ts\` by \`scripts/docs.ts\`: change those, not this page. The machines
(\`core/control/server.ts\`, \`core/control/client.ts\`) do nothing that is not in here.

A message is first told apart, and then looked up: "Stop-Sessions, count wrong" is another thing than one with the right
count. The messages themselves are in [packets.md](packets.md), whom twampede talks to is in [interop.md](interop.md).
`;

const TIMERS = `## Timers

| Timer    | Whose  | Default | Runs                                                                        |
| -------- | ------ | ------- | --------------------------------------------------------------------------- |
| set-up   | Server | 30 s    | from the connection until it is set up (\`--setup-timeout\`)                  |
| message  | Server | 30 s    | from the first octet of a command until it is whole (\`--setup-timeout\`)     |
| SERVWAIT | Server | 900 s   | while nothing is tested, since the last octet (\`--servwait\`, RFC 5357 3.1)  |
| REFWAIT  | Server | 900 s   | of each test session, since its last probe (\`--refwait\`, RFC 5357 4.2)      |
| Timeout  | Server | asked   | after Stop-Sessions, while probes in transit are answered (\`--max-timeout\`) |
| answer   | Client | 10 s    | while an answer is awaited (\`--control-timeout\`)                            |

A server that waits for a command, or whose sessions run, has no other timer: a client may think as long as SERVWAIT.
`;

/** The text of the page. */
export function controlPage(): string {
  return [INTRODUCTION, role(SERVER), role(CLIENT), TIMERS, accepts()].join("\n");
}

function role<S extends string, I extends string, A extends string>(table: Table<S, I, A>): string {
  return `## ${table.role}\n\n${diagram(table)}\n${rows(table)}`;
}

/** Arrows between two states share one, whose label has a line each. Ends are left out: they are the same everywhere. */
function diagram<S extends string, I extends string, A extends string>(table: Table<S, I, A>): string {
  const arrows = new Map<string, string[]>();
  for (const [from, input, action, next] of transitions(table)) {
    if (next === "closed") continue;
    const key = `${name(from)} --> ${name(next)}`;
    const done = table.actions[action];
    arrows.set(key, [
      ...(arrows.get(key) ?? []),
      done === "" ? table.inputs[input] : `${table.inputs[input]} / ${done}`,
    ]);
  }
  const lines = [...arrows].map(([key, labels]) => `  ${key}: ${labels.join("<br>").replaceAll(";", ",")}`);
  const start = `  [*] --> ${name(table.initial)}`;
  return ["```mermaid", "stateDiagram-v2", start, ...lines, "```", ""].join("\n");
}

/** Mermaid takes a dash for part of an arrow. */
function name(state: string): string {
  return state.replace("-", "_");
}

function rows<S extends string, I extends string, A extends string>(table: Table<S, I, A>): string {
  const cells = transitions(table).map(([from, input, action, next]) =>
    [from, table.inputs[input], table.actions[action], next] as const
  );
  return columns([["State", "What happens", "What is done", "State then"], ...cells]);
}

function transitions<S extends string, I extends string, A extends string>(
  table: Table<S, I, A>,
): [S, I, A, S][] {
  return Object.entries(table.rows).flatMap(([state, of]) =>
    Object.entries(of as Record<string, readonly [A, S]>).map(([input, [action, next]]): [S, I, A, S] => [
      state as S,
      input as I,
      action,
      next,
    ])
  );
}

function accepts(): string {
  const values = Object.values(Accept).map((value) => [String(value), acceptText(value), WHEN[value]]);
  return `## Accept values\n\nRFC 4656 section 3.3. A value that is none of these counts as 1.\n\n${
    columns([["Accept", "Said to the user as", "A server of ours says it when"], ...values])
  }`;
}

const WHEN: Readonly<Record<Accept, string>> = {
  0: "it goes on",
  1: "KeyID or secret are wrong (which of them, it does not say)",
  2: "something failed that should not have",
  3: "mode, command, DSCP, address or padding is something it cannot do",
  4: "a request is over a limit that will be there tomorrow: padding, Timeout",
  5: "a request is over a limit that may not be there soon: connections, sessions, ports",
};

/** Columns of one width, as the formatter wants them. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |\n`;
  const [head, ...body] = rows.map(line);
  return head + line(widths.map((width) => "-".repeat(width))) + body.join("");
}
