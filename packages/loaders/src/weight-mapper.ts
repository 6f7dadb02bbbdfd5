/** Names of weights in one library as names in another. */
import { checkOptions } from "./option-names";
import { quoted } from "./bytes/quoted";
import { LoaderError } from "./errors";

export interface WeightMapperParams {
  /** Whole names; nothing else is done to them. */
  exact: Record<string, string>;
  /** Beginnings. */
  prefix: Record<string, string>;
  /** Ends. */
  suffix: Record<string, string>;
  /** Parts anywhere, each wherever it occurs. */
  substring: Record<string, string>;
  /** `snake_case` becomes `camelCase`. */
  autoCamelCase: boolean;
}

const camel = (name: string): string =>
  name.replace(/([a-z\d])_([a-z\d])/g, (_, a: string, b: string) => a + b.toUpperCase());
const snake = (name: string): string =>
  name.replace(/([a-z\d])([A-Z])/g, (_, a: string, b: string) => `${a}_${b.toLowerCase()}`);

const longestFirst = (table: Record<string, string>) => Object.entries(table).sort((a, b) => b[0].length - a[0].length);
const reversed = (table: Record<string, string>) => Object.fromEntries(Object.entries(table).map(([a, b]) => [b, a]));

/**
 * Renames weights: first `exact`; else the longest `prefix`, the longest `suffix`, all `substring`s, camel case.
 * `unmapKey` undoes it, where names tell how.
 * @example
 * const mapper = new WeightMapper({ prefix: { "model.": "" }, suffix: { ".gamma": ".weight" }, autoCamelCase: true });
 * mapper.mapKey("model.layer_norm.gamma"); // => "layerNorm.weight"
 * mapper.mapObject({ "model.w": 1 }); // => { w: 1 }
 */
export class WeightMapper {
  readonly #params: WeightMapperParams;
  readonly #inverse: WeightMapperParams;

  constructor(params: Partial<WeightMapperParams> = {}) {
    checkOptions("WeightMapper", params, {
      exact: true,
      prefix: true,
      suffix: true,
      substring: true,
      autoCamelCase: true,
    });
    this.#params = { exact: {}, prefix: {}, suffix: {}, substring: {}, autoCamelCase: false, ...params };
    const { exact, prefix, suffix, substring, autoCamelCase } = this.#params;
    this.#inverse = {
      exact: reversed(exact),
      prefix: reversed(prefix),
      suffix: reversed(suffix),
      substring: reversed(substring),
      autoCamelCase,
    };
  }

  mapKey(key: string): string {
    const { exact, autoCamelCase } = this.#params;
    if (Object.hasOwn(exact, key)) return exact[key]!;
    const renamed = rename(key, this.#params);
    return autoCamelCase ? camel(renamed) : renamed;
  }

  unmapKey(key: string): string {
    const { exact, autoCamelCase } = this.#inverse;
    if (Object.hasOwn(exact, key)) return exact[key]!;
    return rename(autoCamelCase ? snake(key) : key, this.#inverse);
  }

  /** Errors: LoaderError if two names become one. */
  mapObject<T>(obj: Record<string, T>): Record<string, T> {
    return renamedKeys(obj, (key) => this.mapKey(key));
  }

  unmapObject<T>(obj: Record<string, T>): Record<string, T> {
    return renamedKeys(obj, (key) => this.unmapKey(key));
  }
}

/** An empty part matches only in a beginning or end, where it means to put something there. */
function rename(key: string, { prefix, suffix, substring }: WeightMapperParams): string {
  let out = key;
  const begin = longestFirst(prefix).find(([from]) => out.startsWith(from));
  if (begin !== undefined) out = begin[1] + out.slice(begin[0].length);
  const end = longestFirst(suffix).find(([from]) => out.endsWith(from));
  if (end !== undefined) out = out.slice(0, out.length - end[0].length) + end[1];
  for (const [from, to] of longestFirst(substring)) if (from !== "") out = out.replaceAll(from, () => to);
  return out;
}

function renamedKeys<T>(obj: Record<string, T>, rename: (key: string) => string): Record<string, T> {
  const out = new Map<string, T>();
  for (const [key, value] of Object.entries(obj)) {
    const name = rename(key);
    if (out.has(name)) throw new LoaderError(`WeightMapper: two names become ${quoted(name)}, one is ${key}`);
    out.set(name, value);
  }
  return Object.fromEntries(out);
}
