// The distributions' own programs, with the one time that goes into what they make.
import process from "node:process";
import { run } from "../run.mjs";

const PACKAGE = { "dpkg-deb": "dpkg", rpmbuild: "rpm" };

/** Runs it to its end; what it said is the error if it failed. */
export async function tool(command, args, epoch) {
  const { status, output } = await run(command, args, {
    env: { SOURCE_DATE_EPOCH: String(epoch), LC_ALL: "C", TZ: "UTC" },
  });
  if (status === 0) return output;
  if (status === "ENOENT") {
    throw new Error(`${command} is not here: install it (Debian, Ubuntu, Fedora: ${PACKAGE[command]})`);
  }
  const lines = output.split("\n").filter(Boolean);
  throw new Error(`${command} ended with ${status}: ${lines.find((line) => /error/i.test(line)) ?? lines.pop() ?? ""}`);
}

/** Where the project is at home, if anything says so: package.json, else the workflow that runs this. */
export function homepageOf(manifest) {
  const said = manifest.homepage ?? manifest.repository?.url;
  if (said !== undefined) return said.replace(/^git\+|\.git$/g, "");
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
  return server && repository ? `${server}/${repository}` : undefined;
}
