/** The sections of a WebAssembly binary module, from the assembler's objects. Core specification 5.5. */
import { Bytes } from "./assembler-bytes";
import { SPECIAL } from "./assembler-opcodes";
import {
  VAL_TYPES,
  type Callable,
  type FuncParts,
  type Global,
  type ModuleParts,
  type ValType,
} from "./assembler-types";

type Numbering = ReadonlyMap<Callable | Global, number>;

export function encodeModule(m: ModuleParts, numbers: Numbering): Uint8Array<ArrayBuffer> {
  const types = new TypeTable();
  const imports = importSection(m, types);
  const funcs = m.funcs.map((f) => types.indexOf(f.callable));
  const out = new Bytes();
  out.u32(0x6d736100).u32(1); // "\0asm", version 1
  section(out, 1, (s) => {
    s.uleb(types.encoded.length);
    for (const type of types.encoded) s.append(type);
  });
  section(out, 2, (s) => s.append(imports.view8()));
  section(out, 3, (s) => {
    s.uleb(funcs.length);
    for (const type of funcs) s.uleb(type);
  });
  if (m.globals.length > 0) section(out, 6, (s) => encodeGlobals(s, m.globals));
  section(out, 7, (s) => {
    s.uleb(m.exports.length);
    for (const { name, func } of m.exports)
      s.name(name)
        .u8(0)
        .uleb(numbers.get(func.callable) as number);
  });
  section(out, 10, (s) => {
    s.uleb(m.funcs.length);
    for (const f of m.funcs) encodeBody(s, f, numbers);
  });
  return out.view8().slice();
}

/** Function types, each once. */
class TypeTable {
  readonly encoded: Uint8Array[] = [];
  private readonly known = new Map<string, number>();

  indexOf({ params, results }: { readonly params: readonly ValType[]; readonly results: readonly ValType[] }): number {
    const key = `${params.join()}>${results.join()}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const type = new Bytes().u8(0x60).uleb(params.length);
    for (const t of params) type.u8(VAL_TYPES[t]);
    type.uleb(results.length);
    for (const t of results) type.u8(VAL_TYPES[t]);
    this.known.set(key, this.encoded.length);
    return this.encoded.push(type.view8()) - 1;
  }
}

function section(out: Bytes, id: number, fill: (s: Bytes) => void): void {
  const s = new Bytes();
  fill(s);
  out.u8(id).uleb(s.length).append(s.view8());
}

function importSection(m: ModuleParts, types: TypeTable): Bytes {
  const s = new Bytes();
  s.uleb(m.imports.length + m.globalImports.length + (m.memory === null ? 0 : 1));
  if (m.memory !== null) {
    const { module = "env", name = "memory", min, max, shared = false } = m.memory;
    s.name(module).name(name).u8(2);
    s.u8((shared ? 2 : 0) | (max === undefined ? 0 : 1)).uleb(min);
    if (max !== undefined) s.uleb(max);
  }
  for (const f of m.imports)
    s.name(f.from as string)
      .name(f.name)
      .u8(0)
      .uleb(types.indexOf(f));
  for (const { from, global } of m.globalImports) {
    s.name(from)
      .name(global.name)
      .u8(3)
      .u8(VAL_TYPES[global.type])
      .u8(global.mutable ? 1 : 0);
  }
  return s;
}

function encodeGlobals(s: Bytes, globals: readonly Global[]): void {
  s.uleb(globals.length);
  for (const { type, mutable, init } of globals) {
    s.u8(VAL_TYPES[type]).u8(mutable ? 1 : 0);
    const value = init ?? 0;
    if (type === "f32") s.u8(SPECIAL["f32.const"]).f32(value);
    else if (type === "f64") s.u8(SPECIAL["f64.const"]).f64(value);
    else if (type === "i64") s.u8(SPECIAL["i64.const"]).slebBig(BigInt(value));
    else s.u8(SPECIAL["i32.const"]).sleb(value | 0);
    s.u8(SPECIAL.end);
  }
}

function encodeBody(s: Bytes, f: FuncParts, numbers: Numbering): void {
  for (const { at, target } of f.fixups) {
    const index = numbers.get(target);
    if (index === undefined) throw new Error(`internal: ${f.name} uses ${target.name}, which is not of its module`);
    f.code.patch5(at, index);
  }
  const runs: { type: ValType; count: number }[] = [];
  for (const { type } of f.locals.slice(f.callable.params.length)) {
    const last = runs[runs.length - 1];
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  const head = new Bytes().uleb(runs.length);
  for (const { type, count } of runs) head.uleb(count).u8(VAL_TYPES[type]);
  s.uleb(head.length + f.code.length + 1)
    .append(head.view8())
    .append(f.code.view8())
    .u8(SPECIAL.end);
}
