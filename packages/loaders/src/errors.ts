/** Errors of this package. A message reads `format: what is wrong (at byte 12): what was expected`. */
import { JaxError } from "@jax-js/jax";

/** Base of all errors that this package throws on purpose. */
export class LoaderError extends JaxError {
  override name = "LoaderError";
}

/** The bytes are not a file of the format, or hold something that we do not read. */
export class FormatError extends LoaderError {
  override name = "FormatError";
  /** Byte (or, in text, character) at which the file is wrong, where there is one. */
  readonly offset: number | undefined;
  constructor(format: string, what: string, offset?: number) {
    super(`${format}: ${what}${offset === undefined ? "" : ` (at byte ${offset})`}`);
    this.offset = offset;
  }
}

/** A tokenizer cannot be built, or text or ids do not fit it. */
export class TokenizerError extends LoaderError {
  override name = "TokenizerError";
}

/** A download failed: the status or reason, and how many bytes had come. */
export class FetchError extends LoaderError {
  override name = "FetchError";
  readonly url: string;
  readonly status: number | undefined;
  readonly loadedBytes: number;
  constructor(url: string, what: string, info: { status?: number; loadedBytes?: number; cause?: unknown } = {}) {
    super(`fetch: ${what}, of ${url}`, info.cause === undefined ? undefined : { cause: info.cause });
    this.url = url;
    this.status = info.status;
    this.loadedBytes = info.loadedBytes ?? 0;
  }
}

/** Downloaded or stored bytes do not have the digest or length that was promised. */
export class IntegrityError extends LoaderError {
  override name = "IntegrityError";
}

/** There is no room to store: bytes needed, and the quota where the browser tells it. */
export class QuotaError extends LoaderError {
  override name = "QuotaError";
  readonly neededBytes: number;
  readonly freeBytes: number | undefined;
  constructor(what: string, neededBytes: number, freeBytes?: number) {
    super(
      `${what}: no room for ${neededBytes} bytes` +
        `${freeBytes === undefined ? "" : `, ${freeBytes} free`}; remove what is no longer needed (opfs.list, opfs.remove)`,
    );
    this.neededBytes = neededBytes;
    this.freeBytes = freeBytes;
  }
}

/** A checkpoint is missing, unfinished or of another structure than what it is restored into. */
export class CheckpointError extends LoaderError {
  override name = "CheckpointError";
}
