/** Checkpoints as bytes and as files to keep; `CheckpointManager` keeps those of a training run. */
export { type JsonValue, type RestoreOptions, parse, parseMetadata, serialize } from "./format";
export { download } from "./manager";
