/** Rewriting scalars from their leaves. */
import { type ScalarBuilder, topological } from "../kernel/build";
import type { Scalar } from "../kernel/scalar";

/** A node with its arguments replaced by what `memo` holds; leaves by `replace`, or kept. */
export function rebuild(
  builder: ScalarBuilder,
  s: Scalar,
  memo: ReadonlyMap<Scalar, Scalar>,
  replace: (leaf: Scalar) => Scalar | null,
): Scalar {
  if (s.tag === "load") {
    const index = memo.get(s.index)!;
    const guard = s.guard === null ? null : memo.get(s.guard)!;
    return index === s.index && guard === s.guard ? s : builder.load(s.buffer, index, guard, s.dtype);
  }
  if (s.tag === "op") {
    const args = s.args.map((a) => memo.get(a)!);
    return args.every((a, i) => a === s.args[i]) ? s : builder.op(s.op, args, s.dtype);
  }
  return replace(s) ?? s;
}

/** Rewrites scalars with leaves replaced by what `replace` gives, or kept. */
export function replacer(builder: ScalarBuilder, replace: (leaf: Scalar) => Scalar | null): (s: Scalar) => Scalar {
  const memo = new Map<Scalar, Scalar>();
  return (root) => {
    for (const s of topological([root])) if (!memo.has(s)) memo.set(s, rebuild(builder, s, memo, replace));
    return memo.get(root)!;
  };
}
