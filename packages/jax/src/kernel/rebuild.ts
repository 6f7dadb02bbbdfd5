/** Rewriting scalars from their leaves, and taking them from one builder to another. */
import { type ScalarBuilder, isNever, topological } from "./build";
import type { Scalar } from "./scalar";

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
    if (index === s.index && guard === s.guard) return s;
    if (isNever(guard)) return builder.const(0, s.dtype);
    return builder.load(s.buffer, index, guard?.tag === "const" ? null : guard, s.dtype);
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

/** Rewrites scalars for where a condition holds. */
export function assuming(builder: ScalarBuilder, condition: Scalar): (s: Scalar) => Scalar {
  const memo = new Map<Scalar, Scalar>();
  const learn = (s: Scalar): void => {
    memo.set(s, builder.const(1, "bool"));
    if (s.tag === "op" && s.op === "and") s.args.forEach(learn);
  };
  learn(condition);
  return (root) => {
    for (const s of topological([root]))
      if (!memo.has(s))
        memo.set(
          s,
          rebuild(builder, s, memo, () => null),
        );
    return memo.get(root)!;
  };
}

/** Copies scalars of another builder into this one. */
export function importer(builder: ScalarBuilder): (s: Scalar) => Scalar {
  const memo = new Map<Scalar, Scalar>();
  return (root) => {
    for (const s of topological([root])) if (!memo.has(s)) memo.set(s, importNode(builder, s, memo));
    return memo.get(root)!;
  };
}

function importNode(b: ScalarBuilder, s: Scalar, memo: ReadonlyMap<Scalar, Scalar>): Scalar {
  switch (s.tag) {
    case "const":
      return b.const(s.value, s.dtype);
    case "axis":
      return b.axis(s.axis, s.size);
    case "reduced":
      return b.reduced(s.stage, s.slot, s.dtype);
    case "acc":
      return b.acc(s.dtype);
    case "load":
      return b.load(s.buffer, memo.get(s.index)!, s.guard === null ? null : memo.get(s.guard)!, s.dtype);
    case "op":
      return b.op(
        s.op,
        s.args.map((a) => memo.get(a)!),
        s.dtype,
      );
    default:
      throw new Error("internal: a size-generic scalar in the compiler");
  }
}
