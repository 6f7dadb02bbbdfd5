/** Text of an assembled module, close to WAT: for golden tests and `explain`. One instruction per line, indented. */
import type { FuncParts, ModuleParts } from "./assembler-types";
import { LANE, MEMORY, MEMORY_LANE, PLAIN, SPECIAL } from "./assembler-opcodes";

type Immediate = "none" | "memory" | "lane" | "memoryLane" | "special";

interface Decoded {
  readonly name: string;
  readonly immediate: Immediate;
  readonly align: number;
}

export function moduleText(m: ModuleParts): string {
  const lines: string[] = ["(module"];
  if (m.memory !== null) lines.push(`  (import memory ${m.memory.min}${m.memory.shared === true ? " shared" : ""})`);
  for (const f of m.imports)
    lines.push(`  (import ${f.from}.${f.name} (${f.params.join(" ")}) -> (${f.results.join(" ")}))`);
  for (const g of m.globals) lines.push(`  (global $${g.name} ${g.type} ${g.init})`);
  for (const f of m.funcs) lines.push(...funcText(f).map((line) => `  ${line}`));
  for (const e of m.exports) lines.push(`  (export "${e.name}" $${e.func.name})`);
  return `${lines.join("\n")})\n`;
}

/** Lines of one function. */
export function funcText(f: FuncParts): string[] {
  const nParams = f.callable.params.length;
  const names = localNames(f);
  const name = (index: number) => names[index] ?? `${index}`;
  const params = f.callable.params.map((type, i) => `${name(i)}: ${type}`).join(", ");
  const lines = [`(func $${f.name} (${params}) -> (${f.callable.results.join(" ")})`];
  const locals = f.locals.slice(nParams).map((l) => `${name(l.index)}: ${l.type}`);
  if (locals.length > 0) lines.push(`  locals ${locals.join(", ")}`);
  const targets = new Map(f.fixups.map(({ at, target }) => [at, target.name]));
  const reader = new Reader(f.code.view8());
  let indent = 1;
  while (!reader.done) {
    const { text, shift, outdent } = instruction(reader, decodeTable(), name, targets);
    if (outdent) indent--;
    lines.push("  ".repeat(indent) + text);
    indent += shift;
  }
  lines[lines.length - 1] += ")";
  return lines;
}

/** Given names, made unique by the number of the local. */
function localNames(f: FuncParts): string[] {
  const seen = new Set<string>();
  return f.locals.map(({ index, name }) => {
    const unique = name === "" || seen.has(name) ? `${name}${name === "" ? "" : "."}${index}` : name;
    seen.add(unique);
    return unique;
  });
}

let table: Map<number, Decoded> | null = null;

function decodeTable(): Map<number, Decoded> {
  if (table !== null) return table;
  table = new Map();
  for (const [name, code] of Object.entries(PLAIN)) table.set(code, { name, immediate: "none", align: 0 });
  for (const [name, [code, align]] of Object.entries(MEMORY)) table.set(code, { name, immediate: "memory", align });
  for (const [name, code] of Object.entries(LANE)) table.set(code, { name, immediate: "lane", align: 0 });
  for (const [name, [code, align]] of Object.entries(MEMORY_LANE)) {
    table.set(code, { name, immediate: "memoryLane", align });
  }
  for (const [name, code] of Object.entries(SPECIAL)) table.set(code, { name, immediate: "special", align: 0 });
  return table;
}

class Reader {
  private at = 0;
  private readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  get done(): boolean {
    return this.at >= this.bytes.length;
  }
  get position(): number {
    return this.at;
  }
  u8(): number {
    return this.bytes[this.at++] as number;
  }
  uleb(): number {
    return Number(BigInt.asUintN(32, this.leb(false)));
  }
  leb(signed: boolean): bigint {
    let value = 0n;
    let shift = 0n;
    for (;;) {
      const byte = BigInt(this.u8());
      value |= (byte & 0x7fn) << shift;
      shift += 7n;
      if (byte < 0x80n) return signed && (byte & 0x40n) !== 0n ? value - (1n << shift) : value;
    }
  }
  view(count: number): DataView {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, count);
    this.at += count;
    return view;
  }
}

function instruction(
  r: Reader,
  codes: ReadonlyMap<number, Decoded>,
  localName: (index: number) => string,
  targets: ReadonlyMap<number, string>,
): { text: string; shift: number; outdent: boolean } {
  const byte = r.u8();
  const code = byte >= 0xfc ? (byte << 12) | r.uleb() : byte;
  const found = codes.get(code);
  if (found === undefined) return { text: `?${code.toString(16)}`, shift: 0, outdent: false };
  const { name, immediate, align } = found;
  const line = (text: string, shift = 0, outdent = false) => ({ text, shift, outdent });
  const memarg = () => {
    const a = r.uleb();
    const offset = r.uleb();
    return `${name}${offset === 0 ? "" : ` offset=${offset}`}${a === align ? "" : ` align=${2 ** a}`}`;
  };
  switch (immediate) {
    case "none":
      return line(name);
    case "memory":
      return line(memarg());
    case "lane":
      return line(`${name} ${r.u8()}`);
    case "memoryLane":
      return line(`${memarg()} lane=${r.u8()}`);
    case "special":
      break;
    default:
      immediate satisfies never;
  }
  switch (code) {
    case SPECIAL.block:
    case SPECIAL.loop:
    case SPECIAL.if: {
      const type = r.u8();
      return line(type === 0x40 ? name : `${name} ${VAL_NAMES[0x7f - type]}`, 1);
    }
    case SPECIAL.else:
      return line(name, 1, true);
    case SPECIAL.end:
      return line(name, 0, true);
    case SPECIAL.br_table: {
      const count = r.uleb() + 1;
      return line(`${name} ${Array.from({ length: count }, () => r.uleb()).join(" ")}`);
    }
    case SPECIAL["local.get"]:
    case SPECIAL["local.set"]:
    case SPECIAL["local.tee"]:
      return line(`${name} $${localName(r.uleb())}`);
    case SPECIAL.call:
    case SPECIAL["global.get"]:
    case SPECIAL["global.set"]: {
      const target = targets.get(r.position);
      r.uleb();
      return line(`${name} $${target}`);
    }
    case SPECIAL["i32.const"]:
    case SPECIAL["i64.const"]:
      return line(`${name} ${r.leb(true)}`);
    case SPECIAL["f32.const"]:
      return line(`${name} ${r.view(4).getFloat32(0, true)}`);
    case SPECIAL["f64.const"]:
      return line(`${name} ${r.view(8).getFloat64(0, true)}`);
    case SPECIAL["v128.const"]: {
      const v = r.view(16);
      return line(`${name} i32x4 ${[0, 4, 8, 12].map((o) => `0x${v.getUint32(o, true).toString(16)}`).join(" ")}`);
    }
    case SPECIAL["i8x16.shuffle"]:
      return line(`${name} ${Array.from({ length: 16 }, () => r.u8()).join(" ")}`);
    case SPECIAL["memory.copy"]:
      r.u8();
      r.u8();
      return line(name);
    case SPECIAL["memory.fill"]:
    case SPECIAL["memory.size"]:
    case SPECIAL["memory.grow"]:
    case SPECIAL["atomic.fence"]:
      r.u8();
      return line(name);
    default: // br, br_if
      return line(`${name} ${r.uleb()}`);
  }
}

const VAL_NAMES = ["i32", "i64", "f32", "f64", "v128"] as const;
