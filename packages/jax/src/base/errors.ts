/**
 * Every error of the library. A message reads
 * `op: what is wrong, got f32[2,3] and f32[4,5]; expected ...; hint`.
 */

/** Base of all errors that this library throws on purpose. */
export class JaxError extends Error {
  override name = "JaxError";
}

/** Shapes do not fit the operation. */
export class ShapeError extends JaxError {
  override name = "ShapeError";
}

/** A dtype is unknown, or does not fit the operation. */
export class DTypeError extends JaxError {
  override name = "DTypeError";
}

/** The value of a traced array was asked for where only its shape and dtype are known. */
export class ConcretizationError extends JaxError {
  override name = "ConcretizationError";
}

/** `debug.checkNaN` found a NaN. */
export class NaNError extends JaxError {
  override name = "NaNError";
}

/** A tracer was used after the transformation that made it had ended. */
export class LeakedTracerError extends JaxError {
  override name = "LeakedTracerError";
}

/** An array was used after its last handle was disposed. */
export class UseAfterDisposeError extends JaxError {
  override name = "UseAfterDisposeError";
}

/** Two pytrees that must have the same structure differ; the message names the first path. */
export class TreeMismatchError extends JaxError {
  override name = "TreeMismatchError";
}

/** The operation has no derivative, or the function's result cannot be differentiated. */
export class DifferentiationError extends JaxError {
  override name = "DifferentiationError";
}

/** A collective names an axis that no vmap around it binds. */
export class UnboundAxisError extends JaxError {
  override name = "UnboundAxisError";
}

/** The device is unknown, was not initialised, or cannot do the operation. */
export class DeviceError extends JaxError {
  override name = "DeviceError";
}

/** The device was lost (driver reset, tab suspended); its arrays are gone. */
export class DeviceLostError extends DeviceError {
  override name = "DeviceLostError";
}

/** An allocation failed: bytes asked, bytes free, and the limit. */
export class OutOfMemoryError extends JaxError {
  override name = "OutOfMemoryError";
  readonly requestedBytes: number;
  readonly freeBytes: number;
  readonly limitBytes: number;
  constructor(requestedBytes: number, freeBytes: number, limitBytes: number) {
    super(
      `out of memory: asked ${requestedBytes} bytes, ${freeBytes} free of a limit of ${limitBytes}; ` +
        `dispose arrays you no longer need, or use smaller batches`,
    );
    this.requestedBytes = requestedBytes;
    this.freeBytes = freeBytes;
    this.limitBytes = limitBytes;
  }
}

/** A bug of this library, not of its user. */
export class InternalError extends JaxError {
  override name = "InternalError";
  constructor(message: string) {
    super(`internal: ${message} (this is a bug in jax-js, please report it)`);
  }
}

/** Throws an {@link InternalError} unless `condition` holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}
