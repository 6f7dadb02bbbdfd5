/** Text of files in messages. */

const LONGEST = 80;

/** A value as JSON, cut off where it gets long: a damaged file may hold any text. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(typeof value === "string" ? value.slice(0, 2 * LONGEST) : value) ?? String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}
