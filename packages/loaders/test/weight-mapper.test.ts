/** Names of weights in other libraries. */
import { LoaderError, WeightMapper } from "@jax-js/loaders";
import { expect, test } from "vitest";

test("exact names first, then prefix, suffix, parts and camel case", () => {
  const mapper = new WeightMapper({
    exact: { "lm_head.weight": "head" },
    prefix: { "model.": "", "model.decoder.": "dec." },
    suffix: { ".gamma": ".scale", ".weight": ".w" },
    substring: { self_attn: "attention", "q_proj": "query" }, // prettier-ignore
    autoCamelCase: true,
  });
  expect(mapper.mapKey("lm_head.weight")).toBe("head");
  expect(mapper.mapKey("model.layers.0.self_attn.q_proj.weight")).toBe("layers.0.attention.query.w");
  expect(mapper.mapKey("model.decoder.layer_norm_1.gamma")).toBe("dec.layerNorm1.scale");
  expect(mapper.mapKey("other_name")).toBe("otherName");
});

test("the way back", () => {
  const mapper = new WeightMapper({
    exact: { a: "b" },
    prefix: { "model.": "m/" },
    suffix: { ".gamma": ".scale" },
    autoCamelCase: true,
  });
  for (const name of ["a", "model.layer_norm.gamma", "model.self_attn.weight"])
    expect(mapper.unmapKey(mapper.mapKey(name))).toBe(name);
});

test("objects, and names that meet", () => {
  const mapper = new WeightMapper({ substring: { x: "y" } });
  expect(mapper.mapObject({ ax: 1, b: 2 })).toEqual({ ay: 1, b: 2 });
  expect(mapper.unmapObject({ ay: 1, b: 2 })).toEqual({ ax: 1, b: 2 });
  expect(() => mapper.mapObject({ ax: 1, ay: 2 })).toThrow(LoaderError);
  expect(new WeightMapper().mapKey("as_it.is")).toBe("as_it.is");
});

test("names that objects have anyway", () => {
  const mapper = new WeightMapper({ exact: { toString: "text" } });
  expect(mapper.mapKey("constructor")).toBe("constructor");
  expect(mapper.mapKey("toString")).toBe("text");
  expect(Object.keys(new WeightMapper({ prefix: { "": "__proto__" } }).mapObject({ "": 1 }))).toEqual(["__proto__"]);
});
