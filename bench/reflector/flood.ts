/**
 * The flooder where there is no C compiler, under Bun, whose sockets are the fastest of the two: the same arguments and
 * answer as flood.c, but for what its socket dropped, which it cannot know.
 *
 * @module
 */
import process from "node:process";

interface Socket {
  send(bytes: Uint8Array): boolean;
  close(): void;
}
interface BunNet {
  udpSocket(options: {
    connect: { hostname: string; port: number };
    socket: { data(): void; error(): void };
  }): Promise<Socket>;
}
const { Bun } = globalThis as unknown as { Bun: BunNet };

const OCTETS = 64;
const PATIENCE_MS = 100;
const [port, inFlight, ms] = process.argv.slice(2).map(Number);
const probe = new Uint8Array(OCTETS);
const view = new DataView(probe.buffer);
let [seq, replies, before] = [0, 0, 0];

function launch(): void {
  view.setUint32(0, seq++);
  view.setUint32(4, 3_900_000_000);
  view.setUint32(8, seq << 12);
  view.setUint16(12, 1);
  socket.send(probe);
}
const data = () => {
  replies++;
  launch();
};
const socket = await Bun.udpSocket({ connect: { hostname: "127.0.0.1", port }, socket: { data, error() {} } });
const start = performance.now();
for (let i = 0; i < inFlight; i++) launch();
setInterval(() => {
  if (replies === before) {
    for (let i = 0; i < inFlight; i++) launch();
  }
  before = replies;
}, PATIENCE_MS);
setTimeout(() => {
  console.log(JSON.stringify({ sent: seq, replies, within: replies, seconds: (performance.now() - start) / 1000 }));
  process.exit(0);
}, ms);
