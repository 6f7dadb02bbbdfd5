/** Post-processors of `tokenizer.json`: the special tokens around what was encoded. */
import type { Config } from "./config";

/** Tokens, and of which of two texts each is. */
export interface Sequence {
  ids: number[];
  typeIds: number[];
}

/** One or two sequences into as many, or one. */
export type PostProcessor = (sequences: Sequence[]) => Sequence[];

export const sequenceOf = (ids: number[], typeId = 0): Sequence => ({ ids, typeIds: ids.map(() => typeId) });

export function concatenate(sequences: readonly Sequence[]): Sequence {
  return { ids: sequences.flatMap((s) => s.ids), typeIds: sequences.flatMap((s) => s.typeIds) };
}

type Piece = { sequence: 0 | 1; typeId: number } | { ids: number[]; typeId: number };

function readTemplate(config: Config, key: string, special: Config): Piece[] {
  return config.objects(key).map((piece): Piece => {
    const sequence = piece.optionalObject("Sequence");
    if (sequence !== null) {
      const id = sequence.string("id");
      if (id !== "A" && id !== "B") sequence.fail("id", "A or B");
      return { sequence: id === "A" ? 0 : 1, typeId: sequence.integer("type_id", 0) };
    }
    const token = piece.object("SpecialToken");
    const entry = special.object(token.string("id"));
    const ids = entry.list("ids");
    if (!ids.every((id) => Number.isInteger(id))) entry.fail("ids", "a list of tokens");
    return { ids: ids as number[], typeId: token.integer("type_id", 0) };
  });
}

function template(config: Config): PostProcessor {
  const special = config.object("special_tokens");
  const single = readTemplate(config, "single", special);
  const pair = config.raw("pair") === null ? single : readTemplate(config, "pair", special);
  return (sequences) => {
    const pieces = sequences.length > 1 ? pair : single;
    const parts = pieces.map((piece) =>
      "ids" in piece
        ? sequenceOf(piece.ids, piece.typeId)
        : sequenceOf(sequences[piece.sequence]?.ids ?? [], piece.typeId),
    );
    return [concatenate(parts)];
  };
}

/** The id of a `["token", id]`. */
function tokenId(config: Config, key: string): number {
  const id = config.list(key)[1];
  return typeof id === "number" && Number.isInteger(id) ? id : config.fail(key, "a pair of a token and its id");
}

function around(config: Config, betweenPairs: number, secondType: number): PostProcessor {
  const cls = tokenId(config, "cls");
  const sep = tokenId(config, "sep");
  return ([a, b]) => {
    const parts = [sequenceOf([cls, ...(a?.ids ?? []), sep])];
    if (b !== undefined) {
      const separators = new Array<number>(betweenPairs).fill(sep);
      parts.push(sequenceOf([...separators, ...b.ids, sep], secondType));
    }
    return [concatenate(parts)];
  };
}

const READERS: Readonly<Record<string, (config: Config) => PostProcessor>> = {
  TemplateProcessing: template,
  BertProcessing: (config) => around(config, 0, 1),
  RobertaProcessing: (config) => around(config, 1, 0),
  // Changes offsets alone.
  ByteLevel: () => (sequences) => sequences,
  Sequence(config) {
    const steps = config.objects("processors").map(readPostProcessor);
    return (sequences) => steps.reduce((s, step) => step(s), sequences);
  },
};

/** Errors: FormatError for one that is unknown. */
export function readPostProcessor(config: Config): PostProcessor {
  const { type } = config;
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  return read === undefined ? config.unknownType() : read(config);
}
