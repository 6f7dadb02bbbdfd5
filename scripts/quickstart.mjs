// From a fresh clone to a trained model: installs, builds, and runs examples/quickstart.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build, installDependencies, root } from "./setup.mjs";

installDependencies();
process.exitCode = build();
if (!process.exitCode) {
  const cwd = join(root, "examples/quickstart");
  process.exitCode = spawnSync(process.execPath, ["main.js"], { cwd, stdio: "inherit" }).status ?? 1;
}
