/** What was last found for parameters, which are compared value by value: a fifth of the time that their text takes. */
import { copyValue, sameValue } from "../base/structural";

const SIZE = 8;

export class RecentParams<T> {
  private readonly keys: object[] = [];
  private readonly values: T[] = [];
  private next = 0;
  private last = 0;

  find(params: object): T | null {
    const { keys, last } = this;
    if (keys.length === 0) return null;
    if (sameValue(keys[last], params)) return this.values[last]!;
    for (let i = 0; i < keys.length; i++) {
      if (i === last || !sameValue(keys[i], params)) continue;
      this.last = i;
      return this.values[i]!;
    }
    return null;
  }

  /** Adds plain values; keeps a copy, since lists may be the caller's. */
  add(params: object, value: T): void {
    this.keys[this.next] = copyValue(params);
    this.values[this.next] = value;
    this.last = this.next;
    this.next = (this.next + 1) % SIZE;
  }

  clear(): void {
    this.keys.length = this.values.length = this.next = this.last = 0;
  }
}
