/** Whether a program is faster with the team or without: both are timed. */

/** Runs of each way before they are compared: the first ones wait for code and for memory. */
const TRIALS = 6;
/** Runs after which the slower way is tried again. */
const TRY_AGAIN = 64;
/** How much of an old time is forgotten with every run. */
const FORGET = 0.05;

/** The shortest time lately, in milliseconds. */
class Best {
  value = NaN;
  runs = 0;
  add(time: number): void {
    this.runs++;
    this.value = time < this.value || Number.isNaN(this.value) ? time : this.value + (time - this.value) * FORGET;
  }
}

export class TeamChoice {
  private readonly alone = new Best();
  private readonly shared = new Best();
  private runs = 0;

  /** Milliseconds of a run without the team; NaN as long as there was none. */
  get aloneTime(): number {
    return this.alone.value;
  }

  /** The faster way; each is tried first, and the slower one now and then. */
  wantsTeam(): boolean {
    const { alone, shared } = this;
    if (shared.runs < TRIALS) return true;
    if (alone.runs < TRIALS) return false;
    return shared.value < alone.value !== (++this.runs % TRY_AGAIN === 0);
  }

  add(time: number, withTeam: boolean): void {
    (withTeam ? this.shared : this.alone).add(time);
  }
}
