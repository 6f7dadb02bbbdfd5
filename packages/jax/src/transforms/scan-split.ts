/** The body of a scan split into what is known and what is not, for reverse mode. */
import { Jaxpr } from "../jaxpr/jaxpr";
import { dce } from "../jaxpr/passes";
import { memo } from "./derived";
import { type SplitJaxpr, splitJaxpr } from "./partial-eval";

/** Where a residual of the body comes from. */
type Residual =
  | { readonly from: "const"; readonly index: number }
  /** Depends on constants alone: computed once, before the loop. */
  | { readonly from: "invariant"; readonly index: number }
  /** A slice of one of the known xs. */
  | { readonly from: "xs"; readonly index: number }
  | { readonly from: "stack"; readonly index: number };

interface ScanSplit {
  readonly split: SplitJaxpr;
  readonly residuals: readonly Residual[];
  /** Known constants to invariant residuals. */
  readonly invariants: Jaxpr;
  /** The known body, with those residuals that have to be stacked. */
  readonly known: Jaxpr;
}

/** key: which inputs are unknown, which carries have to be, and the number of known constants. */
export const splitScan = /* @__PURE__ */ memo<ScanSplit>((jaxpr, key) => {
  const [unknownText, forcedText, constsText] = key.split(":") as [string, string, string];
  const flags = (text: string): boolean[] => [...text].map((c) => c === "1");
  const split = splitJaxpr(jaxpr, flags(unknownText), flags(forcedText));
  const { known } = split;
  const nConsts = Number(constsText);
  const nOuts = split.outUnknown.filter((u) => !u).length;
  const invariant = new Set<unknown>(known.inBinders.slice(0, nConsts));
  for (const eqn of known.eqns) {
    if (eqn.inputs.every((a) => "value" in a || invariant.has(a))) eqn.outBinders.forEach((v) => invariant.add(v));
  }
  const firstOfXs = nConsts + flags(forcedText).filter((isUnknown) => !isUnknown).length;
  const invariants: (typeof known.outs)[number][] = [];
  const stacks: (typeof known.outs)[number][] = [];
  const residuals = known.outs.slice(nOuts).map((a): Residual => {
    const input = (known.inBinders as readonly unknown[]).indexOf(a);
    if (input >= 0 && input < nConsts) return { from: "const", index: input };
    if (input >= firstOfXs) return { from: "xs", index: input - firstOfXs };
    if (invariant.has(a)) return { from: "invariant", index: invariants.push(a) - 1 };
    return { from: "stack", index: stacks.push(a) - 1 };
  });
  return {
    split,
    residuals,
    invariants: dce(new Jaxpr([], known.inBinders.slice(0, nConsts), known.eqns, invariants), "drop"),
    known: dce(new Jaxpr([], known.inBinders, known.eqns, [...known.outs.slice(0, nOuts), ...stacks])),
  };
});
