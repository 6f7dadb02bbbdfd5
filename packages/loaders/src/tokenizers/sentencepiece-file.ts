/** The `.model` files of SentencePiece. Source: sentencepiece_model.proto of google/sentencepiece */
import { bytesField, numberField, protobufFields } from "../bytes/protobuf";
import { FormatError } from "../errors";
import type { ScoredPiece } from "./models/unigram";

const FORMAT = "sentencepiece";

/** Kinds of pieces, with the numbers of the file. */
export const PIECE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export type ModelKind = "unigram" | "bpe" | "word" | "char";

/** With the numbers of the file. */
const MODELS: Readonly<Record<number, ModelKind>> = { 1: "unigram", 2: "bpe", 3: "word", 4: "char" };

export interface SentencePieceFile {
  readonly pieces: readonly ScoredPiece[];
  readonly kinds: readonly number[];
  readonly model: ModelKind;
  readonly byteFallback: boolean;
  readonly unknown: number;
  readonly bos: number;
  readonly eos: number;
  readonly charsMap: Uint8Array | undefined;
  readonly addDummyPrefix: boolean;
  readonly removeExtraSpaces: boolean;
  readonly escapeSpaces: boolean;
  /** The text of the unknown token. */
  readonly unknownSurface: string;
  /** Spaces end words, rather than begin them. */
  readonly spaceIsSuffix: boolean;
}

/** -1, which stands for none, is written as 2**64 - 1. */
const idField = (value: number): number => (value >= 2 ** 31 ? -1 : value);

export function readSentencePieceFile(data: Uint8Array): SentencePieceFile {
  const pieces: ScoredPiece[] = [];
  const kinds: number[] = [];
  let trainer: Uint8Array = new Uint8Array(0);
  let normalizer: Uint8Array = new Uint8Array(0);
  for (const { number, value, offset } of protobufFields(FORMAT, data)) {
    if (number > 3 || !(value instanceof Uint8Array)) continue;
    if (number === 2) trainer = value;
    else if (number === 3) normalizer = value;
    else {
      const fields = [...protobufFields(FORMAT, value)];
      const text = bytesField(fields, 1);
      if (text === undefined) throw new FormatError(FORMAT, `piece ${pieces.length} has no text`, offset);
      pieces.push([new TextDecoder("utf-8", { ignoreBOM: true }).decode(text), numberField(fields, 2, 0)]);
      kinds.push(numberField(fields, 3, PIECE.normal));
    }
  }
  if (pieces.length === 0) throw new FormatError(FORMAT, "it has no pieces", 0);
  const training = [...protobufFields(FORMAT, trainer)];
  const modelNumber = numberField(training, 3, 1);
  const model = MODELS[modelNumber];
  if (model === undefined) throw new FormatError(FORMAT, `model type ${modelNumber} is not known`);
  const normalizing = [...protobufFields(FORMAT, normalizer)];
  const charsMap = bytesField(normalizing, 2);
  const surface = bytesField(training, 44);
  const firstUnknown = kinds.indexOf(PIECE.unknown);
  return {
    pieces,
    kinds,
    model,
    byteFallback: numberField(training, 35, 0) !== 0,
    unknown: firstUnknown >= 0 ? firstUnknown : idField(numberField(training, 40, 0)),
    bos: idField(numberField(training, 41, 1)),
    eos: idField(numberField(training, 42, 2)),
    charsMap: charsMap !== undefined && charsMap.length > 0 ? charsMap : undefined,
    addDummyPrefix: numberField(normalizing, 3, 1) !== 0,
    removeExtraSpaces: numberField(normalizing, 4, 1) !== 0,
    escapeSpaces: numberField(normalizing, 5, 1) !== 0,
    unknownSurface: surface === undefined ? " ⁇ " : new TextDecoder().decode(surface),
    spaceIsSuffix: numberField(training, 24, 0) !== 0,
  };
}
