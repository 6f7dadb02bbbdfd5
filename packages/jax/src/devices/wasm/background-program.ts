/** A program as it runs in the background: by the driver, or in steps on the calling thread. */
import { inSlices } from "./background";
import type { WasmDevice } from "./device";
import type { DriverProgram } from "./driver";
import type { WorkerTeam } from "./team";

interface Steps {
  readonly count: number;
  readonly step: (args: number, i: number) => void;
}

interface Source {
  content: DriverProgram["content"];
  /** Compiles the program in steps. */
  steps(): Promise<Steps>;
}

export class BackgroundProgram {
  private readonly device: WasmDevice;
  private readonly source: Source;
  private readonly forDriver: DriverProgram | null;
  private steps: Steps | null = null;

  /** `canMove`: workers have all that the program imports. */
  constructor(device: WasmDevice, canMove: boolean, source: Source) {
    this.device = device;
    this.source = source;
    this.forDriver = canMove ? { loaded: null, content: source.content } : null;
  }

  /** By the driver, who is the first of the team's threads. False if it was not run to its end. */
  async run(args: number, team: WorkerTeam | null, threads: number): Promise<boolean> {
    const { device, forDriver } = this;
    if (forDriver === null || device.driver === null) return false;
    const done = await device.driver.run(forDriver, args, team, threads);
    if (!done && team !== null) await device.abandonTeam(team);
    return done;
  }

  /** In steps, by this thread. */
  async runHere(args: number): Promise<void> {
    const { count, step } = (this.steps ??= await this.source.steps());
    await inSlices(count, (i) => {
      this.device.running++;
      try {
        step(args, i);
      } finally {
        this.device.running--;
      }
    });
  }

  dispose(): void {
    if (this.forDriver !== null) this.device.driver?.drop(this.forDriver);
  }
}
