/** WordPiece, as in BERT: of each word the longest token that it begins with, again and again. */
import { type Config, readVocabulary } from "../pipeline/config";
import type { Model } from "./model";

export function readWordPiece(config: Config): Model {
  const vocabulary = readVocabulary(config);
  const prefix = config.string("continuing_subword_prefix", "##");
  const longestWord = config.integer("max_input_chars_per_word", 100);
  const unknown = vocabulary.get(config.string("unk_token", "[UNK]"));
  const unknownIds = unknown === undefined ? [] : [unknown];
  let longestToken = 0;
  for (const token of vocabulary.keys()) longestToken = Math.max(longestToken, token.length);
  return {
    vocabulary,
    encode(word) {
      if (word.length > longestWord && [...word].length > longestWord) return unknownIds;
      const ids: number[] = [];
      for (let at = 0; at < word.length;) {
        let end = Math.min(word.length, at + longestToken);
        let id: number | undefined;
        for (; end > at; end--) {
          const part = word.slice(at, end);
          id = vocabulary.get(at > 0 ? prefix + part : part);
          if (id !== undefined) break;
        }
        if (id === undefined) return unknownIds;
        ids.push(id);
        at = end;
      }
      return ids;
    },
  };
}

/** A token per word. */
export function readWordLevel(config: Config): Model {
  const vocabulary = readVocabulary(config);
  const unknown = vocabulary.get(config.string("unk_token", "<unk>"));
  return {
    vocabulary,
    encode(word) {
      const id = vocabulary.get(word) ?? unknown;
      return id === undefined ? [] : [id];
    },
  };
}
