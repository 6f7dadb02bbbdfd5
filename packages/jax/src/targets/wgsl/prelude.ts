/** Functions that generated code may call; a module gets those that it uses. */

// NaN is tested by bits: `x != x` is false on drivers seen in 2026. Some drivers' max and min flush denormals.
const FUNCTIONS: Readonly<Record<string, string>> = {
  bits: "fn bits(b: u32) -> f32 { return bitcast<f32>(b); }",
  is_nan: "fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }",
  is_finite: "fn is_finite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }",
  max_f32: "fn max_f32(a: f32, b: f32) -> f32 { return select(b, a, is_nan(a) || (a > b && !is_nan(b))); }",
  min_f32: "fn min_f32(a: f32, b: f32) -> f32 { return select(b, a, is_nan(a) || (a < b && !is_nan(b))); }",
  div_i32: "fn div_i32(a: i32, b: i32) -> i32 { return select(a / select(b, 1, b == 0), -1, b == 0); }",
  div_u32: "fn div_u32(a: u32, b: u32) -> u32 { return select(a / select(b, 1u, b == 0u), 0xffffffffu, b == 0u); }",
  rem_i32: "fn rem_i32(a: i32, b: i32) -> i32 { return select(a % select(b, 1, b == 0), a, b == 0); }",
  rem_u32: "fn rem_u32(a: u32, b: u32) -> u32 { return select(a % select(b, 1u, b == 0u), a, b == 0u); }",
  // The sign of x; exact: subtracts y times falling powers of two.
  rem_f32: `fn rem_f32(x: f32, y: f32) -> f32 {
  let b = abs(y);
  var r = abs(x);
  if (is_nan(x) || is_nan(y) || !is_finite(x) || b == 0.0) { return bits(0x7fc00000u); }
  if (!is_finite(y) || r < b) { return x; }
  var steps = i32(bitcast<u32>(r) >> 23u) - i32(bitcast<u32>(b) >> 23u);
  for (; steps >= 0 && r >= b; steps--) {
    let part = ldexp(b, steps);
    if (r >= part) { r -= part; }
  }
  return bitcast<f32>(bitcast<u32>(r) | (bitcast<u32>(x) & 0x80000000u));
}`,
  to_i32: `fn to_i32(x: f32) -> i32 {
  if (is_nan(x)) { return 0; }
  if (x >= 2147483648.0) { return 2147483647; }
  if (x < -2147483648.0) { return -2147483647 - 1; }
  return i32(x);
}`,
  to_u32: `fn to_u32(x: f32) -> u32 {
  if (is_nan(x) || x <= 0.0) { return 0u; }
  if (x >= 4294967296.0) { return 0xffffffffu; }
  return u32(x);
}`,
  from_float16: `fn from_float16(h: u32) -> f32 {
  let sign = (h & 0x8000u) << 16u;
  let magnitude = h & 0x7fffu;
  if (magnitude < 0x400u) { return bitcast<f32>(bitcast<u32>(f32(magnitude) * 0x1p-24f) | sign); }
  if (magnitude >= 0x7c00u) { return bitcast<f32>((magnitude << 13u) | 0x7f800000u | sign); }
  return bitcast<f32>(((magnitude << 13u) + 0x38000000u) | sign);
}`,
  to_float16: `fn to_float16(x: f32) -> u32 {
  let u = bitcast<u32>(x);
  let magnitude = u & 0x7fffffffu;
  let sign = (u >> 16u) & 0x8000u;
  if (magnitude > 0x7f800000u) { return sign | 0x7e00u; }
  if (magnitude >= 0x47800000u) { return sign | 0x7c00u; }
  if (magnitude < 0x38800000u) { return sign | (bitcast<u32>(bitcast<f32>(magnitude) + 0.5) - 0x3f000000u); }
  return sign | ((magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13u) & 1u)) >> 13u);
}`,
  from_bfloat16: "fn from_bfloat16(h: u32) -> f32 { return bitcast<f32>(h << 16u); }",
  to_bfloat16: `fn to_bfloat16(x: f32) -> u32 {
  let u = bitcast<u32>(x);
  return select((u + 0x7fffu + ((u >> 16u) & 1u)) >> 16u, 0x7fc0u, is_nan(x));
}`,
  log_add_exp: `fn log_add_exp(a: f32, b: f32) -> f32 {
  let m = max_f32(a, b);
  if (!is_finite(m)) { return m; }
  return m + log(1.0 + exp(-abs(a - b)));
}`,
};

/** The functions that code calls, and those that they call. */
export function preludeFor(code: string): string {
  const used = new Set<string>();
  const scan = (text: string): void => {
    for (const [name] of text.matchAll(/\b\w+(?=\()/g)) {
      if (used.has(name) || FUNCTIONS[name] === undefined) continue;
      used.add(name);
      scan(FUNCTIONS[name]);
    }
  };
  scan(code);
  return Object.keys(FUNCTIONS)
    .filter((name) => used.has(name))
    .map((name) => FUNCTIONS[name]!)
    .join("\n");
}
