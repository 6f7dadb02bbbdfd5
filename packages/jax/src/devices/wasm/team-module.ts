/** A module that the workers of the team are given once, whoever runs it. */
import type { Module } from "../../targets/wasm/assembler";
import type { WasmDevice } from "./device";
import type { TeamContent, WorkerTeam } from "./team";
import { WORKER_MATH } from "./team-worker";

/** Workers have no functions of the host but those of Math. */
export const workersCanImport = ({ imports }: Module): boolean =>
  imports.every(({ from, name }) => from !== "host" && (from !== "math" || WORKER_MATH.has(name)));

export class TeamModule {
  private readonly device: WasmDevice;
  private readonly content: () => TeamContent;
  private loaded: { readonly team: WorkerTeam; readonly id: number } | null = null;

  constructor(device: WasmDevice, content: () => TeamContent) {
    this.device = device;
    this.content = content;
  }

  /** The module's number in the team; 0 if that cannot take it now. */
  idIn(team: WorkerTeam): number {
    if (this.loaded?.team !== team) {
      const id = team.load(this.content());
      if (id === 0) return 0;
      this.loaded = { team, id };
    }
    return this.loaded.id;
  }

  /** The workers forget it; it is given to them again when it is asked for. */
  drop(): void {
    if (this.loaded !== null && this.loaded.team === this.device.team) this.loaded.team.drop(this.loaded.id);
    this.loaded = null;
  }
}
