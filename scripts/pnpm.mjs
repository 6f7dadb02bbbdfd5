// Runs the pnpm named in package.json with the given arguments, also where none is installed.
import { pnpm } from "./setup.mjs";

process.exitCode = pnpm(process.argv.slice(2));
