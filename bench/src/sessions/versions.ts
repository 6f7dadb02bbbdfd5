/** Versions of the libraries with the interface of jax-js, which do not say them. */
import { version as ours } from "../../../packages/jax/package.json";
import { devDependencies } from "../../package.json";

export const VERSIONS = { ours, "jax-js": devDependencies["jax-js-npm"].split("@").at(-1)! } as const;
