/** Typed reading of `tokenizer.json`: errors name the path of what is wrong. */
import { quoted } from "../../bytes/quoted";
import { FormatError } from "../../errors";

const MAX_DEPTH = 50;

/** An object of the file. */
export class Config {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly #depth: number;

  constructor(value: unknown, path = "", depth = 0) {
    if (depth > MAX_DEPTH) throw new FormatError("tokenizer.json", `${path.slice(0, 80)}... is nested too deeply`);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new FormatError("tokenizer.json", `${path || "the file"} is not an object`);
    }
    this.#object = value as Record<string, unknown>;
    this.path = path;
    this.#depth = depth;
  }

  /** A field of the object itself: null where there is none. */
  raw(key: string): unknown {
    return Object.hasOwn(this.#object, key) ? (this.#object[key] ?? null) : null;
  }

  fail(key: string, expected: string): never {
    throw new FormatError("tokenizer.json", `${this.#at(key).slice(0, 120)} is not ${expected}`);
  }

  #at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  get type(): string {
    return this.string("type");
  }

  keys(): string[] {
    return Object.keys(this.#object);
  }

  string(key: string, otherwise?: string): string {
    const v = this.raw(key) ?? otherwise;
    return typeof v === "string" ? v : this.fail(key, "a string");
  }

  optionalString(key: string): string | null {
    return this.raw(key) === null ? null : this.string(key);
  }

  boolean(key: string, otherwise: boolean): boolean {
    const v = this.raw(key) ?? otherwise;
    return typeof v === "boolean" ? v : this.fail(key, "true or false");
  }

  /** An integer, not negative, below `limit`. */
  integer(key: string, otherwise?: number, limit = 2 ** 31): number {
    const v = this.raw(key) ?? otherwise;
    if (typeof v !== "number" || !Number.isInteger(v) || v < 0 || v >= limit) return this.fail(key, "a whole number");
    return v;
  }

  list(key: string): unknown[] {
    const v = this.raw(key);
    return Array.isArray(v) ? v : this.fail(key, "a list");
  }

  object(key: string): Config {
    return new Config(this.raw(key), this.#at(key), this.#depth + 1);
  }

  optionalObject(key: string): Config | null {
    return this.raw(key) === null ? null : this.object(key);
  }

  objects(key: string): Config[] {
    return this.list(key).map((v, i) => new Config(v, `${this.#at(key)}[${i}]`, this.#depth + 1));
  }

  unknownType(): never {
    throw new FormatError("tokenizer.json", `${this.#at("type")}: ${quoted(this.raw("type"))} is not supported`);
  }
}

/** More ids than any vocabulary has; bounds the arrays that they index. */
const MAX_ID = 2 ** 22;

/** A vocabulary given as `{ token: id }`. */
export function readVocabulary(config: Config, key = "vocab"): Map<string, number> {
  const vocab = config.object(key);
  return new Map(vocab.keys().map((token) => [token, vocab.integer(token, undefined, MAX_ID)]));
}
