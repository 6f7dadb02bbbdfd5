/** How much of an old time is forgotten with every run. */
const FORGET = 0.05;

/** The shortest time lately, in milliseconds: of one of the ways that a program may run. */
export class BestTime {
  value = NaN;
  last = NaN;
  runs = 0;
  add(time: number): void {
    this.runs++;
    this.last = time;
    this.value = time < this.value || Number.isNaN(this.value) ? time : this.value + (time - this.value) * FORGET;
  }
}
