/** Decoding tokens as they come. */

/** Gives text as soon as it is certain. */
export interface DecodeStream {
  /** The text that this token completes; empty while a character is not whole. */
  push(token: number): string;
  /** What is left: the beginning of a character that never came, as U+FFFD. */
  end(): string;
}

/**
 * A stream for tokenizers whose decoders look at neighbours: some tokens before are decoded along, and what they alone
 * give is taken off.
 */
export function windowedStream(decode: (tokens: number[]) => string): DecodeStream {
  let tokens: number[] = [];
  let nRead = 0;
  let before = "";
  const fresh = (text: string): string => {
    // A decoder may rewrite what was given; what is common stays.
    let common = 0;
    while (common < before.length && before[common] === text[common]) common++;
    return text.slice(common);
  };
  return {
    push(token) {
      tokens.push(token);
      const text = decode(tokens);
      if (text.length <= before.length || text.endsWith("\ufffd")) return "";
      const out = fresh(text);
      tokens = tokens.slice(nRead);
      before = decode(tokens);
      nRead = tokens.length;
      return out;
    },
    end() {
      const out = fresh(decode(tokens));
      tokens = [];
      before = "";
      nRead = 0;
      return out;
    },
  };
}
