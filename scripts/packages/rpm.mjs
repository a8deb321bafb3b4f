// A package for Fedora, RHEL, openSUSE and their kin, made by rpmbuild.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHANGED, DESCRIPTION, NAME, PACKAGE_VERSION, REVISION, stage, SUMMARY, template } from "./contents.mjs";
import { tool } from "./tool.mjs";

const ARCHITECTURE = { x64: "x86_64", arm64: "aarch64" };
const COMPRESSION = { small: "w2.xzdio", fast: "w.ufdio" };

/** What rpmbuild would do to files by itself is off: the program lies behind the end of its ELF file, and strip cuts that off. */
const MACROS = {
  __os_install_post: "%{nil}",
  debug_package: "%{nil}",
  _build_id_links: "none",
  use_source_date_epoch_as_buildtime: "1",
  clamp_mtime_to_source_date_epoch: "1",
  _buildhost: "localhost",
  _rpmfilename: "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
};

/** Makes the package of `list` in `out`; returns its name. */
export async function makeRpm({ arch, list, folder, out, epoch, fast, maintainer, homepage }) {
  const tree = join(folder, "rpm", "tree");
  mkdirSync(tree, { recursive: true });
  stage(tree, list, epoch);
  const spec = join(folder, "rpm", `${NAME}.spec`);
  writeFileSync(spec, specFor(list, tree, maintainer, epoch, homepage));
  const macros = {
    ...MACROS,
    _binary_payload: COMPRESSION[fast ? "fast" : "small"],
    _topdir: join(folder, "rpm", "top"),
    _rpmdir: out,
  };
  const defines = Object.entries(macros).flatMap(([name, value]) => ["--define", `${name} ${value}`]);
  await tool("rpmbuild", ["-bb", "--quiet", "--target", `${ARCHITECTURE[arch]}-linux`, ...defines, spec], epoch);
  return `${NAME}-${PACKAGE_VERSION}-${REVISION}.${ARCHITECTURE[arch]}.rpm`;
}

function specFor(list, tree, maintainer, epoch, homepage) {
  const [day, date, month, year] = new Date(epoch * 1000).toUTCString().replace(",", "").split(" ");
  const entry = ({ to, mode, config }) =>
    `%attr(${mode.toString(8)}, root, root) ${config ? "%config(noreplace) " : ""}${documentation(to)}${to}`;
  return `Name: ${NAME}
Version: ${PACKAGE_VERSION}
Release: ${REVISION}
Summary: ${SUMMARY[0].toUpperCase()}${SUMMARY.slice(1)}
License: MIT AND LGPL-2.0-or-later AND LGPL-2.1-or-later AND BSD-2-Clause AND BSD-3-Clause
${homepage === undefined ? "" : `URL: ${homepage}\n`}Requires(pre): (shadow-utils or shadow)
AutoProv: no

%description
${DESCRIPTION}

%install
cp -a '${tree}/.' '%{buildroot}/'

%files
%dir %attr(755, root, root) /etc/twampede
%dir %attr(755, root, root) /usr/share/doc/twampede
${list.map(entry).join("\n")}

${template("rpm-scripts")}
%changelog
* ${day} ${month} ${date} ${year} ${maintainer} - ${PACKAGE_VERSION}-${REVISION}
- ${CHANGED}
`;
}

const documentation = (path) => (path.startsWith("/usr/share/doc/") ? "%doc " : "");
