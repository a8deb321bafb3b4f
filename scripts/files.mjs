// The project's own files, as paths relative to its root with forward slashes on every system.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const SKIP = new Set(["node_modules", "dist", "coverage"]);

/** All files below `root` whose path ends in one of `endings`, sorted; none where there is no such folder. */
export function filesBelow(root, endings, folder = "") {
  const found = [];
  if (!existsSync(join(root, folder))) return found;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) {
      if (!SKIP.has(entry.name) && !entry.name.startsWith(".")) found.push(...filesBelow(root, endings, path));
    } else if (endings.some((ending) => path.endsWith(ending))) {
      found.push(path);
    }
  }
  return found.sort();
}
