/** Digests of files, as the `integrity` of the web has them: `sha256-` and the digest in base64. */
import { quoted } from "../bytes/quoted";
import { IntegrityError, LoaderError } from "../errors";

const ALGORITHMS: Readonly<Record<string, { readonly name: string; readonly nBytes: number }>> = {
  sha256: { name: "SHA-256", nBytes: 32 },
  sha384: { name: "SHA-384", nBytes: 48 },
  sha512: { name: "SHA-512", nBytes: 64 },
};

/** What a file must have: one of these digests, all of one algorithm. */
export interface Integrity {
  readonly algorithm: string;
  readonly hex: readonly string[];
}

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

function digestHex(text: string, nBytes: number): string | null {
  // As hosts of model files print it.
  if (text.length === 2 * nBytes && /^[\da-f]+$/i.test(text)) return text.toLowerCase();
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return bytes.length === nBytes ? toHex(bytes) : null;
  } catch {
    return null;
  }
}

/** Reads an `integrity`. Of several algorithms the strongest counts. Errors: LoaderError if there is none in it. */
export function parseIntegrity(text: string): Integrity {
  let best: Integrity | null = null;
  for (const algorithm of ["sha512", "sha384", "sha256"]) {
    if (best !== null) break;
    const hex: string[] = [];
    for (const token of text.trim().split(/\s+/)) {
      const match = /^(sha\d+)-([^?]+)/.exec(token);
      const digest = match?.[1] === algorithm ? digestHex(match[2]!, ALGORITHMS[algorithm]!.nBytes) : null;
      if (digest !== null) hex.push(digest);
    }
    if (hex.length > 0) best = { algorithm, hex };
  }
  if (best === null) {
    throw new LoaderError(
      `integrity: ${quoted(text)} holds no digest; expected sha256-, sha384- or sha512- ` +
        "and the digest in base64 or hexadecimal",
    );
  }
  return best;
}

/** Errors: IntegrityError if the bytes have another digest, or digests cannot be computed here. */
export async function checkIntegrity(what: string, bytes: Uint8Array<ArrayBuffer>, wanted: Integrity): Promise<void> {
  const { name } = ALGORITHMS[wanted.algorithm]!;
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) {
    throw new IntegrityError(
      `integrity: ${name} cannot be computed here (a page must come by https), so ${what} is not checked`,
    );
  }
  const got = toHex(new Uint8Array(await subtle.digest(name, bytes)));
  if (!wanted.hex.includes(got)) {
    throw new IntegrityError(`integrity: ${what} has ${name} ${got}, expected ${wanted.hex.join(" or ")}`);
  }
}
