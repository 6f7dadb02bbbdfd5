/** Values of primitives as JAX computes them: oracles/ops.py wrote them. */
import { describe, expect, it } from "vitest";
import type { DType } from "../../src/aval/dtype";
import { bind } from "../../src/core/interpreter";
import { arrayFromData } from "../../src/runtime/create";
import { getDevice } from "../../src/runtime/registry";
import { testDevices } from "../devices";
import oracle from "../oracles/ops.json";
import { Owner } from "../owner";
import { type Plain, difference, read } from "./arrays";
import { allRecords } from "./samples";

interface Stored {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}
interface Case {
  readonly op: string;
  readonly params: object;
  readonly in: readonly Stored[];
  readonly out: readonly Stored[];
  readonly tol: number;
}

const SPELLED: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: NaN, "-0.0": -0 };
const plain = ({ dtype, shape, data }: Stored): Plain => ({
  dtype: dtype as DType,
  shape,
  data: data.map((v) => {
    const value = typeof v === "string" ? SPELLED[v]! : v;
    return dtype === "float32" ? Math.fround(value) : value;
  }),
});

const records = new Map(allRecords.map((r) => [r.name, r]));
const groups = new Map<string, Case[]>();
for (const c of oracle.cases as unknown as Case[]) groups.set(c.op, [...(groups.get(c.op) ?? []), c]);

/** Every difference in one list, so that one run tells all. */
async function differences(c: Case, device: (typeof testDevices)[number]): Promise<string[]> {
  using own = new Owner();
  const inputs = c.in.map(plain);
  const { dtypes } = getDevice(device);
  if (![...inputs, ...c.out.map(plain)].every((x) => dtypes.has(x.dtype))) return [];
  const xs = own.of(inputs.map((x) => arrayFromData(x.data, x.shape, x.dtype, { device })));
  const outs = own.of(bind(records.get(c.op)!, xs, c.params));
  const found: string[] = [];
  for (const [i, out] of outs.entries()) {
    const want = plain(c.out[i]!);
    const got = await read(out);
    // Tolerances are relative; results that JAX gives as infinite must be.
    const d = difference(got, want, 1, c.tol);
    if (d === null) continue;
    const at = Number(/element (\d+)/.exec(d)?.[1] ?? -1);
    found.push(
      `${c.op} ${JSON.stringify(c.params)}: ${d} for ${inputs.map((x) => `${x.dtype} ${x.data[at]}`).join(", ")}`,
    );
  }
  return found;
}

for (const device of testDevices) {
  describe(`values are JAX's (${oracle["made by"].jax}) on ${device}`, () => {
    for (const [op, cases] of groups) {
      it(op, async () => {
        const found: string[] = [];
        for (const c of cases) found.push(...(await differences(c, device)));
        expect(found).toEqual([]);
      });
    }
  });
}
