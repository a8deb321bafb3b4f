/**
 * `doctor REMOTE`: what a far reflector does wrong.
 *
 * @module
 */
import { formatEndpoint } from "../../core/address.ts";
import { coloured } from "../doctor/colours.ts";
import { askEmpty } from "../doctor/remote/empty.ts";
import { examineRemote } from "../doctor/remote/examine.ts";
import type { Evidence, Protocol } from "../doctor/remote/evidence.ts";
import { remoteJson } from "../doctor/remote/json.ts";
import { judge } from "../doctor/remote/rules.ts";
import { remoteText } from "../doctor/remote/text.ts";
import { resolveEnds } from "../ends.ts";
import { Exit, Failure } from "../exit.ts";
import { plural } from "../plural.ts";
import { sourceAddress } from "../resolve.ts";
import { print } from "../sinks.ts";
import { chooseTransport } from "../transports.ts";
import { runtimeName } from "../version.ts";
import type { DoctorOutput } from "./doctor.ts";

/** Options as the command line gives them, checked. */
export interface RemoteFlags {
  readonly output: DoctorOutput;
  readonly family: 4 | 6 | undefined;
  readonly protocol: Protocol | "auto";
  readonly transport: string;
  readonly interface: string | undefined;
  readonly quick: boolean;
}

/** Runs `doctor` on a far end; faults are no failure. Resolves to the exit status. */
export async function runDoctorRemote(remoteName: string, flags: RemoteFlags): Promise<number> {
  const { remote } = await resolveEnds(remoteName, ":0", flags.family);
  const hostname = remote.address.family === 6 ? "::" : "0.0.0.0";
  const transport = chooseTransport(flags.transport, { hostname, port: 0, interface: flags.interface });
  const evidence = await examineRemote({
    transport,
    address: remote.address,
    host: remote.host,
    port: remote.port,
    source: await sourceAddress(remote) ?? null,
    protocols: flags.protocol === "auto" ? ["twamp", "stamp"] : [flags.protocol],
    quick: flags.quick,
    firstNumber: 1000 + crypto.getRandomValues(new Uint32Array(1))[0] % 2 ** 31,
    interface: flags.interface,
    askEmpty: flags.interface === undefined ? askEmpty : undefined,
  });
  if (evidence.protocols.length === 0) throw new Failure(Exit.NOT_MADE, silence(evidence));
  const { findings, fine } = judge(evidence);
  print(
    flags.output === "json"
      ? remoteJson(evidence, findings, fine, new Date().toISOString(), runtimeName())
      : coloured(remoteText(evidence, findings, fine)),
  );
  return Exit.DONE;
}

function silence({ host, port, asked, strays, networkSaid }: Evidence): string {
  const where = formatEndpoint(host, port);
  if (asked.length > 0 && asked.every((one) => one.unsent)) {
    return `nothing could be sent to ${where}: check the route and the address`;
  }
  const said = networkSaid === null ? "" : `the network said: ${networkSaid}; `;
  const came = strays > 0 ? `${plural(strays, "datagram")} came from elsewhere; ` : "";
  return `no reply from ${where} to ${
    plural(asked.length, "probe")
  }: ${said}${came}check that a responder runs there, on this ` +
    "port, and that UDP gets through";
}
