/**
 * TWAMP-Control as two tables of transitions, one a role: for each state and each thing that can happen in it, what is
 * done and which state follows (RFC 4656 section 3, RFC 5357 section 3, RFC 5938 section 3). The machines do nothing that
 * is not in here, and the diagrams of docs/control.md are made from here.
 *
 * What happens is told apart before it is looked up: a Stop-Sessions with the wrong count is another input than one with
 * the right count. So each row is unconditional. An input that is in no row of a state cannot come from the network there;
 * if it comes from our own side that is a bug, and throws.
 *
 * @module
 */

/** What is done, and the state after it. */
export type Row<State extends string, Action extends string> = readonly [action: Action, next: State];

/** One role. */
export interface Table<State extends string, Input extends string, Action extends string> {
  readonly role: string;
  readonly initial: State;
  readonly rows: Readonly<Record<State, Readonly<Partial<Record<Input, Row<State, Action>>>>>>;
  /** Each input in words. */
  readonly inputs: Readonly<Record<Input, string>>;
  /** Each action in words; empty for none. */
  readonly actions: Readonly<Record<Action, string>>;
}

/** The row for `input` in `state`; throws where there is none. */
export function rowFor<State extends string, Input extends string, Action extends string>(
  table: Table<State, Input, Action>,
  state: State,
  input: Input,
): Row<State, Action> {
  const row = table.rows[state][input];
  if (row === undefined) throw new Error(`${table.role}: '${input}' cannot be in state '${state}'`);
  return row;
}

// ── server ──────────────────────────────────────────────────────────────────

/** Where a server's side of a connection is. */
export type ServerState = "greeted" | "deriving" | "ready" | "answering" | "testing" | "closed";

const SERVER_INPUTS = {
  "set-up-open": "Set-Up-Response, unauthenticated",
  "set-up-keyed": "Set-Up-Response, keyed mode",
  "set-up-none": "Set-Up-Response, Mode 0",
  "set-up-unsupported": "Set-Up-Response, mode not offered",
  "set-up-refused": "Set-Up-Response, no room",
  "key-right": "key derived, Token right",
  "key-wrong": "key derived, Token or KeyID wrong",
  request: "Request-TW-Session",
  answer: "the reflector's answer, nothing runs",
  "answer-testing": "the reflector's answer, sessions run",
  start: "Start-Sessions",
  "start-nothing": "Start-Sessions, none accepted",
  stop: "Stop-Sessions, count right",
  "stop-miscounted": "Stop-Sessions, count wrong",
  "start-n": "Start-N-Sessions, some run then",
  "start-n-nothing": "Start-N-Sessions, none runs then",
  "stop-n": "Stop-N-Sessions, some run on",
  "stop-n-all": "Stop-N-Sessions, none runs on",
  "sessions-over": "every test session is over (REFWAIT)",
  forbidden: "command not allowed here",
  unknown: "command unknown",
  "bad-mac": "HMAC wrong",
  end: "client closes",
  silence: "SERVWAIT over",
  slow: "set-up or message not whole in time",
  "too-much": "more than may wait, or too many SIDs",
  shutdown: "server ends",
} as const;
export type ServerInput = keyof typeof SERVER_INPUTS;

const SERVER_ACTIONS = {
  acceptSetUp: "Server-Start, Accept 0",
  deriveKey: "derive the key",
  refuseMode: "Server-Start, Accept 3",
  refuseKey: "Server-Start, Accept 1",
  refuseRoom: "Server-Start, Accept 4 or 5",
  ask: "ask the reflector",
  answer: "Accept-Session",
  startAll: "Start-Ack, Accept 0",
  refuseStart: "Start-Ack, Accept 3",
  stopAll: "stop all sessions",
  startSome: "Start-N-Ack",
  stopSome: "Stop-N-Ack",
  refuseCommand: "Accept-Session, Accept 3",
  hangUp: "close",
  refuseAndHangUp: "Accept-Session, Accept 3; close",
  watch: "SERVWAIT resumes",
} as const;
export type ServerAction = keyof typeof SERVER_ACTIONS;

/** What ends a connection in any state: the peer, a timer, a broken stream, or our own end. */
const SERVER_ENDS = {
  end: ["hangUp", "closed"],
  slow: ["hangUp", "closed"],
  "too-much": ["hangUp", "closed"],
  shutdown: ["hangUp", "closed"],
} as const;

/** What a command can turn out to be. An unknown one has no known length: nothing behind it can be read. */
const SERVER_COMMANDS = {
  "bad-mac": ["hangUp", "closed"],
  unknown: ["refuseAndHangUp", "closed"],
  "stop-miscounted": ["hangUp", "closed"],
} as const;

export const SERVER: Table<ServerState, ServerInput, ServerAction> = {
  role: "Server",
  initial: "greeted",
  inputs: SERVER_INPUTS,
  actions: SERVER_ACTIONS,
  rows: {
    greeted: {
      ...SERVER_ENDS,
      "set-up-open": ["acceptSetUp", "ready"],
      "set-up-keyed": ["deriveKey", "deriving"],
      "set-up-none": ["hangUp", "closed"],
      "set-up-unsupported": ["refuseMode", "closed"],
      "set-up-refused": ["refuseRoom", "closed"],
    },
    // Commands that come meanwhile wait.
    deriving: {
      ...SERVER_ENDS,
      "key-right": ["acceptSetUp", "ready"],
      "key-wrong": ["refuseKey", "closed"],
    },
    ready: {
      ...SERVER_ENDS,
      ...SERVER_COMMANDS,
      silence: ["hangUp", "closed"],
      request: ["ask", "answering"],
      start: ["startAll", "testing"],
      "start-nothing": ["refuseStart", "ready"],
      "start-n": ["startSome", "testing"],
      "start-n-nothing": ["startSome", "ready"],
      stop: ["stopAll", "ready"],
      "stop-n-all": ["stopSome", "ready"],
      forbidden: ["refuseCommand", "ready"],
    },
    // Commands that come meanwhile wait.
    answering: {
      ...SERVER_ENDS,
      answer: ["answer", "ready"],
      "answer-testing": ["answer", "testing"],
    },
    // SERVWAIT is suspended (RFC 5357 section 3.1); each test session has its REFWAIT.
    testing: {
      ...SERVER_ENDS,
      ...SERVER_COMMANDS,
      request: ["ask", "answering"],
      "start-n": ["startSome", "testing"],
      stop: ["stopAll", "ready"],
      "stop-n": ["stopSome", "testing"],
      "stop-n-all": ["stopSome", "ready"],
      forbidden: ["refuseCommand", "testing"],
      "sessions-over": ["watch", "ready"],
    },
    closed: {},
  },
};

// ── client ──────────────────────────────────────────────────────────────────

/** Where a client's side of a connection is. */
export type ClientState =
  | "connected"
  | "deriving"
  | "set-up"
  | "ready"
  | "requesting"
  | "starting"
  | "testing"
  | "stopping"
  | "closed";

const CLIENT_INPUTS = {
  "greeting-open": "Server Greeting, open mode chosen",
  "greeting-keyed": "Server Greeting, keyed mode chosen",
  "greeting-none": "Server Greeting, Modes 0",
  "greeting-unsuitable": "Server Greeting, no mode that will do",
  "greeting-count": "Server Greeting, Count out of bounds",
  key: "key derived",
  "server-start": "Server-Start, Accept 0",
  "server-refuses": "Server-Start, Accept not 0",
  request: "request a session",
  "request-testing": "request one more",
  accepted: "Accept-Session, nothing runs",
  "accepted-testing": "Accept-Session, sessions run",
  "bad-answer": "Accept-Session that cannot be meant",
  start: "start sessions",
  started: "Start-Ack or Start-N-Ack, some run",
  "ack-partial": "Start-N-Ack or Stop-N-Ack, more to come",
  "start-refused": "Start-Ack or Start-N-Ack, none runs",
  "stop-all": "stop all sessions",
  "stop-n": "stop sessions by SID",
  "stopped-n": "Stop-N-Ack, some run on",
  "stopped-n-all": "Stop-N-Ack, none runs on",
  "bad-mac": "HMAC wrong",
  unexpected: "message not expected",
  end: "server closes",
  timeout: "no answer in time",
  close: "close",
} as const;
export type ClientInput = keyof typeof CLIENT_INPUTS;

const CLIENT_ACTIONS = {
  chooseOpen: "Set-Up-Response",
  deriveKey: "derive the key",
  chooseKeyed: "Set-Up-Response with Token",
  decline: "Set-Up-Response, Mode 0; close",
  begin: "ready for requests",
  sendRequest: "Request-TW-Session",
  report: "tell what was answered",
  sendStart: "Start-Sessions or Start-N-Sessions",
  sendStop: "Stop-Sessions",
  sendStopN: "Stop-N-Sessions",
  refused: "tell why; close",
  fail: "close",
  hangUp: "close",
} as const;
export type ClientAction = keyof typeof CLIENT_ACTIONS;

const CLIENT_ENDS = {
  end: ["fail", "closed"],
  close: ["hangUp", "closed"],
  unexpected: ["fail", "closed"],
} as const;

/** While something is awaited. */
const CLIENT_WAITS = {
  ...CLIENT_ENDS,
  timeout: ["fail", "closed"],
} as const;

export const CLIENT: Table<ClientState, ClientInput, ClientAction> = {
  role: "Control-Client",
  initial: "connected",
  inputs: CLIENT_INPUTS,
  actions: CLIENT_ACTIONS,
  rows: {
    connected: {
      ...CLIENT_WAITS,
      "greeting-open": ["chooseOpen", "set-up"],
      "greeting-keyed": ["deriveKey", "deriving"],
      "greeting-none": ["refused", "closed"],
      "greeting-unsuitable": ["decline", "closed"],
      "greeting-count": ["fail", "closed"],
    },
    deriving: { ...CLIENT_WAITS, key: ["chooseKeyed", "set-up"] },
    "set-up": {
      ...CLIENT_WAITS,
      "server-start": ["begin", "ready"],
      "server-refuses": ["refused", "closed"],
    },
    ready: {
      ...CLIENT_ENDS,
      request: ["sendRequest", "requesting"],
      start: ["sendStart", "starting"],
    },
    requesting: {
      ...CLIENT_WAITS,
      accepted: ["report", "ready"],
      "accepted-testing": ["report", "testing"],
      "bad-answer": ["fail", "closed"],
      "bad-mac": ["fail", "closed"],
    },
    starting: {
      ...CLIENT_WAITS,
      started: ["report", "testing"],
      "ack-partial": ["report", "starting"],
      "start-refused": ["report", "ready"],
      "bad-mac": ["fail", "closed"],
    },
    testing: {
      ...CLIENT_ENDS,
      "request-testing": ["sendRequest", "requesting"],
      start: ["sendStart", "starting"],
      "stop-all": ["sendStop", "ready"],
      "stop-n": ["sendStopN", "stopping"],
    },
    stopping: {
      ...CLIENT_WAITS,
      "ack-partial": ["report", "stopping"],
      "stopped-n": ["report", "testing"],
      "stopped-n-all": ["report", "ready"],
      "bad-mac": ["fail", "closed"],
    },
    closed: {},
  },
};
