/** The digits data set of the static folder: 8 x 8 images with values 0..1 and their labels. */
export interface Digits {
  readonly count: number;
  readonly pixels: Float32Array;
  readonly labels: Int32Array;
}

/** Every fifth image is held out for the test. */
export async function loadDigits(url: string): Promise<{ train: Digits; test: Digits }> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`digits: ${response.status} for ${url}`);
  const stream = response.body!.pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(stream).text();
  const rows = text
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number));
  const part = (test: boolean): Digits => {
    const chosen = rows.filter((_, i) => (i % 5 === 4) === test);
    return {
      count: chosen.length,
      pixels: Float32Array.from(chosen.flatMap((row) => row.slice(0, 64).map((v) => v / 16))),
      labels: Int32Array.from(chosen, (row) => row[64]!),
    };
  };
  return { train: part(false), test: part(true) };
}
