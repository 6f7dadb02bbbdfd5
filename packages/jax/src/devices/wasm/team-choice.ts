/** Whether a program is faster with the team or without: both are timed. */
import { BestTime } from "./best-time";

/** Runs of each way before they are compared: the first ones, which are the team's, wait for code and for memory. */
const TEAM_TRIALS = 5;
const ALONE_TRIALS = 2;
/** Runs that nobody comes to, after which there are no more of these: workers compile what they get, and may be busy. */
const MOST_MISSED = 20;
/**
 * Milliseconds: programs that take longer with the team, and each time about as long, are not tried alone. On an idle
 * machine that would be a waste, and on a busy one their times differ.
 */
const LONG = 5;
const STEADY = 1.3;
/** Runs after which the slower way is tried again, and how often: the team sleeps, and the first run wakes it. */
const TRY_AGAIN = 64;
const TRIES = { alone: 1, shared: 3 };
export class TeamChoice {
  private readonly alone = new BestTime();
  private readonly shared = new BestTime();
  private runs = 0;
  private missed = 0;

  /** Milliseconds of a run without the team; NaN as long as there was none. */
  get aloneTime(): number {
    return this.alone.value;
  }

  /** The faster way; each is tried first, and the slower one now and then. */
  wantsTeam(): boolean {
    const { alone, shared } = this;
    if (shared.runs < TEAM_TRIALS && this.missed < MOST_MISSED) return true;
    if (alone.runs < ALONE_TRIALS) return shared.value > LONG && shared.last < STEADY * shared.value;
    const isShared = shared.value < alone.value;
    const again = ++this.runs % TRY_AGAIN < (isShared ? TRIES.alone : TRIES.shared);
    return isShared !== again;
  }

  /** A run that the team was called to, and nobody came in time. */
  miss(): void {
    this.missed++;
  }

  add(time: number, withTeam: boolean): void {
    (withTeam ? this.shared : this.alone).add(time);
  }
}
