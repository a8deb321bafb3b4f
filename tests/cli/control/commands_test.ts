/** Commands to a server, octet by octet: as twampy speaks, what is refused and with which Accept, and what a limit is. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { type Socket } from "node:dgram";
import { withSocket } from "../support.ts";
import { parseAddress } from "../../../core/address.ts";
import { writeSessionList } from "../../../core/wire/control.ts";
import {
  Accept,
  Command,
  Mode,
  onLinux,
  openSetUp,
  RawClient,
  requestOf,
  SIZE,
  withClient,
  withServer,
} from "./support.ts";

/** Sends a probe of 14 octets and waits for its reply, 41 octets of it. */
async function answered(socket: Socket, port: number, host: string): Promise<void> {
  socket.send(new Uint8Array(41), port, host);
  const [reply] = await once(socket, "message") as [Uint8Array];
  assert.equal(reply.length, 41);
}

test("twampy's way: IPVN 4 without addresses over IPv6, no padding, Stop-Sessions that counts 0 or all", async () => {
  for (const host of ["127.0.0.1", "::1"]) {
    await withServer([], (server) =>
      withSocket(host, async (socket, senderPort) => {
        await withClient(server, async (client) => {
          assert.equal(await client.setUp(), Accept.OK);
          const { accept, port } = await client.request({ ipVersion: 4, senderPort, padding: 0 });
          assert.equal(accept, Accept.OK);
          assert.equal(await client.start(), Accept.OK);
          await answered(socket, port, host);
          client.stop(1);
          await server.run.until("stderr", /session over .*why=stopped received=1 reflected=1/);
          // The connection goes on: another session, in the same way.
          assert.equal((await client.request({ senderPort })).accept, Accept.OK);
          assert.equal(await client.start(), Accept.OK);
          // RFC 5357 section 3.8: a number that is not that of the sessions ends the connection, and them.
          client.stop(0);
          await client.over();
        });
        await server.run.until("stderr", /closed why="Stop-Sessions with a wrong count"/);
        await server.run.until("stderr", /session over .*why="control connection closed" received=0/);
      }), host);
  }
});

test("requests that are refused, each with its Accept and a line; the connection goes on", async () => {
  const v6 = parseAddress("2001:db8::1")!.octets;
  const v4 = parseAddress("192.0.2.1")!.octets;
  const receiver = (text: string) => ({ receiverAddress: parseAddress(text)!.octets });
  const cases: [string, Parameters<typeof requestOf>[0], Accept, RegExp][] = [
    ["Conf-Sender", { confSender: 1 }, Accept.UNSUPPORTED, /Conf-Sender and Conf-Receiver must be 0/],
    ["Conf-Receiver", { confReceiver: 1 }, Accept.UNSUPPORTED, /Conf-Sender and Conf-Receiver must be 0/],
    ["a PHB id", { typeP: 0x4000_0000 }, Accept.UNSUPPORTED, /Type-P 0x40000000 is no DSCP/],
    ["an IP version", { ipVersion: 5 }, Accept.UNSUPPORTED, /IP version 5 is unknown/],
    ["padding", { padding: 9001 }, Accept.PERMANENT, /9001 octets of padding are more than 9000/],
    ["padding of all bits", { padding: 0xffff_ffff }, Accept.PERMANENT, /4294967295 octets of padding/],
    ["a timeout", { timeoutNs: 901e9 }, Accept.PERMANENT, /a Timeout of 901 s is more than 900 s/],
    [
      "any address",
      { ipVersion: 6, ...receiver("0.0.0.0") },
      Accept.UNSUPPORTED,
      /0\.0\.0\.0 is no address of one host/,
    ],
    ["many hosts", receiver("224.0.0.1"), Accept.UNSUPPORTED, /224\.0\.0\.1 is no address of one host/],
    ["all hosts", receiver("255.255.255.255"), Accept.UNSUPPORTED, /255\.255\.255\.255 is no address of one host/],
    [
      "many hosts of IPv6",
      { ipVersion: 6, ...receiver("ff02::1") },
      Accept.UNSUPPORTED,
      /ff02::1 is no address of one/,
    ],
    [
      "two IP versions",
      { ipVersion: 6, senderAddress: v6, receiverAddress: v4 },
      Accept.UNSUPPORTED,
      /of two IP versions/,
    ],
  ];
  await withServer([], async (server) => {
    await withClient(server, async (client) => {
      await client.setUp();
      for (const [name, request, accept, line] of cases) {
        const answer = await client.request(request);
        assert.deepEqual(
          [answer.accept, answer.port, answer.sid.every((octet) => octet === 0)],
          [accept, 0, true],
          name,
        );
        await server.run.until("stderr", line);
      }
      const marked = await client.request({ typeP: 46 << 24, padding: 9000 });
      assert.equal(marked.accept, Accept.OK, "a DSCP is taken");
      await server.run.until("stderr", /session accepted .* dscp=46 padding=9000/);
    });
  });
});

test("padding without room for what is to be reflected is refused with 3", async () => {
  await withServer([], (server) =>
    withClient(server, async (client) => {
      await client.setUp(Mode.OPEN | Mode.REFLECT);
      const answer = await client.request({ padding: 42, paddingToReflect: 16 });
      assert.deepEqual([answer.accept, answer.port], [Accept.UNSUPPORTED, 0]);
      await server.run.until("stderr", /42 octets of padding have no room for 16 reflected/);
      assert.equal((await client.request({ padding: 43, paddingToReflect: 16 })).accept, Accept.OK);
    }));
});

test("a server on one address has its sessions there, whatever receiver is asked for", onLinux, async () => {
  const cases = [
    { options: [], local: "127.0.0.1", accept: Accept.OK, line: /session accepted .*at=127\.0\.0\.1:/ },
    {
      options: ["--strict-peer"],
      local: "127.0.0.1",
      accept: Accept.UNSUPPORTED,
      line: /sessions are not on 127\.0\.0\.2 here/,
    },
    { options: [], local: "0.0.0.0", accept: Accept.OK, line: /session accepted .*at=127\.0\.0\.2:/ },
  ];
  for (const { options, local, accept, line } of cases) {
    await withServer(options, async ({ port, run }) => {
      await withClient({ port, host: "127.0.0.1" }, async (client) => {
        await client.setUp();
        const answer = await client.request({ receiverAddress: parseAddress("127.0.0.2")!.octets });
        assert.equal(answer.accept, accept);
        await run.until("stderr", line);
      });
    }, local);
  }
});

test("commands that have no place are refused with 3: the known ones go on, after an unknown one it ends", async () => {
  await withServer([], async (server) => {
    await withClient(server, async (client) => {
      await client.setUp();
      assert.equal(await client.start(), Accept.UNSUPPORTED, "there is nothing to start");
      for (const command of [Command.REQUEST_OW, Command.FETCH, Command.REQUEST_MICRO, Command.START_N]) {
        const octets = new Uint8Array(
          { [Command.REQUEST_OW]: 128, [Command.FETCH]: 48, [Command.REQUEST_MICRO]: 112 }[command as number] ?? 32,
        );
        octets[0] = command;
        client.write(octets);
        assert.equal((await client.read(SIZE.ACCEPT)).getUint8(0), Accept.UNSUPPORTED, `command ${command}`);
      }
      assert.equal((await client.request()).accept, Accept.OK, "and the next one is found");
      client.write(new Uint8Array(16).fill(99));
      assert.equal((await client.read(SIZE.ACCEPT)).getUint8(0), Accept.UNSUPPORTED);
      await client.over();
      await server.run.until("stderr", /command refused command=99 accept=3/);
      await server.run.until("stderr", /session over .*why="never started"/);
    });
  });
});

test("sessions controlled one by one: those that are there are started and stopped, others refused", async () => {
  await withServer([], (server) =>
    withClient(server, async (client) => {
      await client.setUp(Mode.OPEN | Mode.INDIVIDUAL);
      const [a, b] = [await client.request({ senderPort: 1 }), await client.request({ senderPort: 2 })];
      const strange = new Uint8Array(16).fill(7);
      const send = async (command: typeof Command.START_N | typeof Command.STOP_N, ...sids: Uint8Array[]) => {
        client.write(writeSessionList(command, { accept: Accept.OK, sids }));
        const acks: number[][] = [];
        for (let left = sids.length; left > 0;) {
          const head = await client.read(16);
          const count = head.getUint32(12);
          await client.read(count * 16 + 16);
          acks.push([head.getUint8(0), head.getUint8(1), count]);
          left -= count;
        }
        return acks;
      };
      assert.deepEqual(await send(Command.START_N, a.sid, strange), [[8, 0, 1], [8, 3, 1]]);
      assert.deepEqual(await send(Command.START_N, b.sid), [[8, 0, 1]]);
      assert.deepEqual(await send(Command.STOP_N, a.sid), [[10, 0, 1]]);
      await server.run.until("stderr", /session over .*why=stopped/);
      const third = await client.request({ senderPort: 3 });
      assert.equal(third.accept, Accept.OK, "while another runs");
      assert.deepEqual(await send(Command.STOP_N, a.sid, b.sid), [[10, 0, 1], [10, 3, 1]]);
    }));
});

test("more sessions than allowed get 5, until there is room again", async () => {
  await withServer(["--max-sessions", "2"], (server) =>
    withClient(server, async (client) => {
      await client.setUp();
      for (const senderPort of [1, 2]) assert.equal((await client.request({ senderPort })).accept, Accept.OK);
      assert.equal((await client.request({ senderPort: 3 })).accept, Accept.TEMPORARY);
      await withClient(server, async (other) => {
        await other.setUp();
        assert.equal((await other.request()).accept, Accept.TEMPORARY, "whoever asks");
        await server.run.until("stderr", /session refused .*accept=5 why="as many sessions as there may be"/);
        await client.start();
        client.stop(2);
        await server.run.until("stderr", /(?:session over [^]*){2}/);
        assert.equal((await other.request()).accept, Accept.OK);
      });
    }));
});

test(
  "more connections than allowed get 5, in all and from one address, and count only when set up",
  onLinux,
  async () => {
    const refused = async (port: number, local: string) => {
      const client = await RawClient.connect(port, "127.0.0.1", local);
      const accept = await client.setUp();
      if (accept !== Accept.OK) await client.over();
      return { accept, client };
    };
    await withServer(["--max-connections", "2", "--max-connections-per-address", "1"], async ({ port, run }) => {
      const silent = await Promise.all(Array.from({ length: 5 }, () => RawClient.connect(port)));
      const one = await refused(port, "127.0.0.1");
      const same = await refused(port, "127.0.0.1");
      const two = await refused(port, "127.0.0.2");
      const three = await refused(port, "127.0.0.3");
      assert.deepEqual([one, same, two, three].map(({ accept }) => accept), [0, 5, 0, 5]);
      await run.until(
        "stderr",
        /127\.0\.0\.1:\d+ refused why="1 connection from this address are there already" accept="5/,
      );
      await run.until("stderr", /127\.0\.0\.3:\d+ refused why="2 connections are there already" accept="5/);
      one.client.close();
      await run.until("stderr", /127\.0\.0\.1:\d+ closed why=/);
      const again = await refused(port, "127.0.0.3");
      assert.equal(again.accept, Accept.OK);
      for (const { client } of [two, again]) client.close();
      for (const client of silent) client.close();
    });
  },
);

test("a Set-Up-Response that chooses what was not offered is refused with 3", async () => {
  await withServer([], async (server) => {
    for (const mode of [Mode.AUTHENTICATED, Mode.OPEN | Mode.MIXED, Mode.ENCRYPTED | Mode.PTP]) {
      await withClient(server, async (client) => {
        assert.equal(await client.setUp(mode), Accept.UNSUPPORTED, `${mode}`);
        await client.over();
      });
    }
    await withClient(server, async (client) => {
      // Bits that nobody has assigned are ignored (RFC 4656 section 3.1).
      assert.equal(await client.setUp((Mode.OPEN | 0x8000_0000) >>> 0), Accept.OK);
    });
    await withClient(server, async (client) => {
      await client.read(SIZE.GREETING);
      client.write(openSetUp(0));
      await client.over();
    });
    await server.run.until("stderr", /closed why="client wants none of the modes offered"/);
  });
});
