/** Results as Markdown. */
import type { Pattern } from "./limits/kernels";
import type { PeerName } from "./peers/peer";
import { type Cell, type Result, type Row, median, quantile, timeOf } from "./result";

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const percent = (part: number): string => `${(100 * part).toFixed(0)} %`;

function cellText(cell: Cell | undefined): string {
  if (cell === undefined || cell.missing) return "-";
  if (cell.growth !== undefined) return `${cell.growth.toFixed(0)} B/step`;
  if (cell.samples.length === 0) return "failed";
  const { samples } = cell;
  const range = samples.length > 1 ? ` (${digits(quantile(samples, 0.1))} to ${digits(quantile(samples, 0.9))})` : "";
  return `${digits(median(samples))}${cell.wrong === undefined ? "" : " WRONG"}${range}`;
}

/** The fastest of the others, if its values are right. */
export function bestPeer({ cells }: Row): { readonly name: PeerName; readonly ms: number } | undefined {
  let best: { name: PeerName; ms: number } | undefined;
  for (const [name, cell] of Object.entries(cells) as [PeerName, Cell][]) {
    const ms = timeOf(cell);
    if (name !== "ours" && ms !== undefined && ms < (best?.ms ?? Infinity)) best = { name, ms };
  }
  return best;
}

const share = (least: number | undefined, ms: number | undefined): string =>
  least === undefined || ms === undefined ? "" : percent(least / ms);

export function tableLine(row: Row, peers: readonly PeerName[]): string {
  const ours = timeOf(row.cells.ours);
  const best = bestPeer(row);
  const columns = [
    row.id,
    ...peers.map((name) => cellText(row.cells[name])),
    best === undefined || ours === undefined ? "" : `${(best.ms / ours).toFixed(2)} (${best.name})`,
    row.leastMs === undefined ? "" : digits(row.leastMs),
    share(row.leastMs, ours),
    share(row.leastMs, best?.ms),
  ];
  return `| ${columns.join(" | ")} |`;
}

export function tableHead(peers: readonly PeerName[]): string {
  const columns = ["workload", ...peers, "best peer / ours", "limit", "ours of limit", "best peer of limit"];
  return `| ${columns.join(" | ")} |\n|${columns.map((_, i) => (i === 0 ? " --- |" : " ---: |")).join("")}`;
}

/** The whole page: where and with what it was measured, the limits, the table, and notes. */
export function markdown(result: Result, peers: readonly PeerName[]): string {
  const { limits, rows } = result;
  const ratios = rows.flatMap((row) => {
    const [ours, best] = [timeOf(row.cells.ours), bestPeer(row)];
    return ours === undefined || best === undefined ? [] : [best.ms / ours];
  });
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  const threads = `${result.threads} thread${result.threads > 1 ? "s" : ""}`;
  const notes = rows.flatMap(({ id, cells }) =>
    Object.entries(cells).flatMap(([name, { note, wrong, error }]) =>
      [note, wrong && `wrong values: ${wrong}`, error && `failed: ${error}`]
        .filter(Boolean)
        .map((text) => `- ${id}, ${name}: ${text}`),
    ),
  );
  const rate = (perMs: number): string => (perMs / 1e6).toFixed(1);
  const streams = (pattern: Pattern): string => limits.streams[pattern].map(rate).join(", ");
  return [
    `## ${result.env}, ${threads}`,
    "",
    `Milliseconds per run: the median, and in brackets the 10th and the 90th percentile, of ${result.rounds} interleaved`,
    `rounds of ${result.budgetMs} ms. ${result.date.slice(0, 10)}, ${result.cpu}, ${result.cores} cores, Node ${result.node}` +
      `${result.nodeFlags.length > 0 ? ` with ${result.nodeFlags.join(" ")}` : ""}.`,
    "",
    ...peers.map((name) => `- ${name}: ${JSON.stringify(result.peers[name] ?? "did not start")}`),
    `- limits: ${rate(limits.flops)} GFLOP/s (${limits.fused ? "relaxed fused multiply-add" : "multiply and add"}), ` +
      `GB/s in arrays of 256 KB, 16 MB and 64 MB: read ${streams("read")}; one written for one read ${streams("move")}; ` +
      `one for two ${streams("add")}`,
    "",
    tableHead(peers),
    ...rows.map((row) => tableLine(row, peers)),
    "",
    ...(ratios.length > 0
      ? [`Geometric mean of best peer / ours: ${mean.toFixed(2)} over ${ratios.length} workloads.`, ""]
      : []),
    ...(notes.length > 0 ? ["Notes:", "", ...notes, ""] : []),
  ].join("\n");
}
