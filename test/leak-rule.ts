/** Whether the tests of a file may leave arrays to the garbage collector. `setup.ts` applies it. */
let excuse: string | null = null;

/** For the top of a test file: its tests need not dispose what they make, and why. */
export function leavesArraysToCollector(because: string): void {
  excuse = because;
}

/** Set back before each file, since files may share modules. */
export function resetLeakRule(): void {
  excuse = null;
}

export const leaksExcused = (): boolean => excuse !== null;
