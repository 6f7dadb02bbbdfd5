/** Work that has the engine compile our compiler before it is needed, done when a page brings wasm up. */

let parts: (() => Iterator<unknown>) | null = null;
let warm: Promise<void> | null = null;

/** Says what is done, in parts. */
export function installWarmUp(make: () => Iterator<unknown>): void {
  parts = make;
  warm = null;
}

/** Does the parts, once, as tasks of the page: what it has to draw and to hear comes in between. Elsewhere nothing. */
export function warmUp(): Promise<void> {
  return (warm ??= inTasks());
}

async function inTasks(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: { postTask?: (part: () => unknown) => Promise<unknown> } };
  if (scheduler?.postTask === undefined || parts === null) return;
  const left = parts();
  try {
    while ((await scheduler.postTask(() => left.next().done)) !== true);
  } catch {
    // What fails here fails again, and is said, where it is asked for.
  }
}
