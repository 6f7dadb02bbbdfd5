/** A check of StableHLO text: every line has a known form, every value is defined before it is used, with one type. */

const TYPE = String.raw`tensor<(?:\d+x)*(?:i1|ui8|ui16|ui32|i8|i16|i32|f16|bf16|f32|f64|complex<f\d\d>)>`;
const NAME = String.raw`%\w+(?:#\d+)?`;

const FORMS: readonly RegExp[] = [
  /^module @\w+ \{$/,
  /^func\.func public @main\(.*\) -> \(.*\) \{$/,
  // Operations whose operands and result have one type, and those that write all types.
  new RegExp(
    `^%\\w+ = (stablehlo|chlo)\\.\\w+[ (].*: (${TYPE}|${TYPE}, ${TYPE}|${TYPE}(?:, ${TYPE})? -> ${TYPE}|\\((${TYPE}(, )?)*\\) -> ${TYPE})$`,
  ),
  new RegExp(`^%\\w+(:\\d+)? = stablehlo\\.while\\(.*\\) : (${TYPE}(, )?)+$`),
  /^%\w+(:\d+)? = "stablehlo\.(case|sort|scatter|reduce|reduce_window)"\(.*\) (<\{.*\}> )?\(\{$/,
  new RegExp(`^%\\w+ = "stablehlo\\.\\w+"\\(.*\\) <\\{.*\\}> : \\((${TYPE}(, )?)+\\) -> ${TYPE}$`),
  new RegExp(`^\\^bb0\\((${NAME}: ${TYPE}(, )?)*\\):$`),
  /^(cond \{|\} do \{|\}, \{|\}|\}\) : .*)$/,
  new RegExp(`^(stablehlo\\.)?return( ${NAME}(, ${NAME})* : ${TYPE}(, ${TYPE})*)?$`),
];

/** What is wrong with the text, line by line; nothing if it is well formed. */
export function problemsOf(text: string): string[] {
  const problems: string[] = [];
  const scopes: Set<string>[] = [new Set()];
  const defined = (name: string): boolean => scopes.some((s) => s.has(name.replace(/#\d+$/, "")));
  text
    .split("\n")
    .filter((line) => line !== "")
    .forEach((raw, at) => {
      const line = raw.trim();
      const problem = (what: string): void => void problems.push(`line ${at + 1}: ${what}: ${line}`);
      if (!FORMS.some((form) => form.test(line))) problem("no form of the grammar");
      if (line.startsWith("}")) scopes.pop();
      const [, left, right = line] = /^(%\w+)(?::\d+)? = (.*)$/.exec(line) ?? [];
      const binders = new Set<string>();
      for (const m of line.matchAll(/(%\w+) = %/g)) binders.add(m[1]!);
      if (/^(func|\^bb0)/.test(line)) for (const m of line.matchAll(/(%\w+): tensor/g)) binders.add(m[1]!);
      for (const [name] of right.matchAll(new RegExp(NAME, "g"))) {
        if (!binders.has(name) && !defined(name)) problem(`${name} is not defined`);
      }
      // Results are known after the regions; names that a loop binds, inside them.
      if (left !== undefined) scopes.at(-1)!.add(left);
      if (/[({]$/.test(line)) {
        scopes.push(new Set());
      }
      for (const b of binders) scopes.at(-1)!.add(b);
    });
  if (scopes.length !== 1) problems.push("braces are not balanced");
  return problems;
}
