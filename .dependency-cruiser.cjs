// The rooms of packages/jax/src, as in docs/architecture.md: what each may import besides itself.
// dependency-cruiser checks them in `npm run lint`; test/rooms.node.test.ts checks that it does.
const publicRooms = ["example-libraries", "export", "image", "lax", "numpy", "nn", "random", "scipy"];
const belowPublic = ["base", "tree", "aval", "kernel", "core", "jaxpr", "ops", "transforms", "compile", "runtime"];

/** @type {Record<string, string[]>} */
const rooms = {
  base: [],
  tree: ["base"],
  aval: ["base"],
  kernel: ["base", "aval"],
  core: ["base", "aval", "kernel"],
  jaxpr: ["base", "aval", "core", "kernel"],
  ops: ["base", "aval", "core", "kernel"],
  transforms: ["base", "tree", "aval", "core", "jaxpr", "ops", "kernel"],
  compile: ["base", "aval", "core", "jaxpr", "kernel"],
  "targets/wasm": ["base", "aval", "kernel"],
  "targets/wgsl": ["base", "aval", "kernel"],
  "targets/glsl": ["base", "aval", "kernel"],
  "targets/js": ["base", "aval", "kernel"],
  "devices/wasm": ["base", "aval", "kernel", "targets/wasm"],
  "devices/webgpu": ["base", "aval", "kernel", "targets/wgsl"],
  "devices/webgl": ["base", "aval", "kernel", "targets/glsl"],
  "devices/cpu": ["base", "aval", "kernel", "targets/js"],
  runtime: ["base", "tree", "aval", "core", "jaxpr", "kernel", "compile", "devices"],
  ...Object.fromEntries(publicRooms.map((room) => [room, [...belowPublic, ...publicRooms]])),
};

const src = "^packages/jax/src/";
const tests = "[.]test[.]ts$";

/** A regular expression for the files of some rooms. @param {string[]} names */
const filesOf = (names) => `${src}(${names.join("|")})/`;

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room.replace("/", "-")}`,
  comment: `${room} may import ${allowed.join(", ") || "nothing but itself"}`,
  severity: "error",
  from: {
    path: filesOf([room]),
    // The one file that installs the fluent methods, which are numpy's, on Tracer.
    pathNot: [tests, `${src}runtime/install[.]ts$`],
  },
  to: { path: src, pathNot: filesOf([room, ...allowed]) },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: "a-room-for-every-file",
      comment: "A folder of packages/jax/src that the table above does not name.",
      severity: "error",
      from: { path: `${src}[^/]+/`, pathNot: [tests, filesOf([...Object.keys(rooms), "debug"])] },
      to: {},
    },
    {
      name: "core-kernel-types-only",
      comment: "core may name the types of the kernel language, and run none of its code.",
      severity: "error",
      from: { path: filesOf(["core"]), pathNot: tests },
      to: { path: filesOf(["kernel"]), dependencyTypesNot: ["type-only"] },
    },
    {
      name: "assembler-alone",
      comment: "The assembler of WebAssembly knows bytes, and nothing of us.",
      severity: "error",
      from: { path: `${src}targets/wasm/assembler[^/]*[.]ts$`, pathNot: tests },
      to: { pathNot: `${src}targets/wasm/assembler` },
    },
    {
      name: "gpu-by-import-call",
      comment: "WebGPU and WebGL code is loaded by import() when a user asks for the device.",
      severity: "error",
      from: { pathNot: [tests, filesOf(["devices/webgpu", "devices/webgl"])] },
      to: {
        path: filesOf(["devices/webgpu", "devices/webgl"]),
        dynamic: false,
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "index-exports-public",
      comment: "The entry exports public words; targets and devices are not.",
      severity: "error",
      from: { path: `${src}index[.]ts$` },
      to: { path: filesOf(["targets", "devices", "debug"]) },
    },
    {
      name: "debug-is-a-leaf",
      comment: "debug sees everything and is imported by nobody.",
      severity: "error",
      from: { path: src, pathNot: [tests, filesOf(["debug"])] },
      to: { path: filesOf(["debug"]) },
    },
    {
      name: "no-runtime-dependency",
      comment: "The core imports nothing from outside; what only some engines have (node:worker_threads) by import().",
      severity: "error",
      from: { path: src, pathNot: tests },
      to: { pathNot: src, dynamic: false, couldNotResolve: false },
    },
    {
      name: "packages-by-entry",
      comment: "Other packages use @jax-js/jax through its entry.",
      severity: "error",
      from: { path: "^packages/", pathNot: ["^packages/jax/", tests] },
      to: { path: src, pathNot: `${src}index[.]ts$` },
    },
    {
      name: "no-circular",
      comment:
        "Cycles made of type imports alone are harmless; any other is not. Derivative rules of ops name each other (the transpose of a broadcast is a sum), and are run long after loading.",
      severity: "error",
      from: { pathNot: filesOf(["ops"]) },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-unresolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "tests-are-leaves",
      severity: "error",
      from: {},
      to: { path: tests },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules"] },
    exclude: { path: ["(^|/)dist/"] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
