/** Workloads that are one jitted function, in the interface of jax-js. */
import { moments } from "../float64";
import type { JaxTools, NdArray } from "./jax-tools";
import type { Makers } from "./peer";

export function jaxKernels(tools: JaxTools): Makers {
  const { jax } = tools;
  const { image, lax, nn, numpy: np, random } = jax;
  return {
    matmul: (inputs) => tools.kernel(inputs, (a, b) => np.matmul(a!, b!)),
    conv: (inputs, { groups }) =>
      tools.kernel(inputs, (x, w) => lax.convGeneralDilated(x!, w!, [1, 1], "SAME", { featureGroupCount: groups })),
    chain: (inputs) => tools.kernel(inputs, (x, y, z) => np.tanh(x!.ref.mul(y!).add(z!)).mul(nn.sigmoid(x!))),
    exp: (inputs) => tools.kernel(inputs, (x) => np.exp(x!)),
    add: (inputs) => tools.kernel(inputs, (x, y) => x!.add(y!)),
    sum: (inputs) => tools.kernel(inputs, (x) => np.sum(x!)),
    rowSums: (inputs) => tools.kernel(inputs, (x) => np.sum(x!, 1)),
    padReflect: (inputs) => tools.kernel(inputs, (x) => np.pad(x!, 1, { mode: "reflect" })),
    resize: (inputs, { side }) =>
      tools.kernel(inputs, (x) =>
        image.resize(x!, [x!.shape[0]!, side, side, x!.shape[3]!], "bilinear", { antialias: false }),
      ),
    dwconvLast: (inputs, { stride }) =>
      tools.kernel(inputs, (x, w) =>
        lax.convGeneralDilated(x!, w!, [stride, stride], "SAME", {
          dimensionNumbers: ["NHWC", "HWIO", "NHWC"],
          featureGroupCount: inputs.w!.shape.at(-1)!,
        }),
      ),
    softmax: (inputs) => tools.kernel(inputs, (x) => nn.softmax(x!, -1)),
    layernorm: (inputs) => tools.kernel(inputs, (x, gain, bias) => nn.standardize(x!, -1).mul(gain!).add(bias!)),
    argmax: (inputs) => tools.kernel(inputs, (x) => np.argmax(x!, 1)),
    sort: (inputs) => tools.kernel(inputs, (x) => np.sort(x!)),
    cumsum: (inputs) => tools.kernel(inputs, (x) => np.cumsum(x!)),
    gather: (inputs) => tools.kernel(inputs, (table, ids) => np.take(table!, ids!, 0)),
    cholesky: (inputs) => tools.kernel(inputs, (a) => np.linalg.cholesky(a!)),
    solve: (inputs) => tools.kernel(inputs, (a, b) => np.linalg.solve(a!, b!)),

    normal: (_, { n }) => {
      const sample = jax.jit((key: NdArray) => random.normal(key, [n]));
      let seed = 0;
      return tools.runner(
        () => {
          const key = random.key(seed++);
          const x = sample(key);
          tools.drop(key);
          return x;
        },
        async (x) => moments(await tools.read(x)),
        () => sample.dispose(),
      );
    },

    svd: (inputs) => {
      const a = tools.upload(inputs.a!);
      const [n] = a.shape as [number, number];
      const decompose = jax.jit((x: NdArray) => np.linalg.svd(x, { fullMatrices: false }));
      return tools.runner(
        () => decompose(tools.hold(a)),
        async ([u, s, vh]) => rebuilt(n, await tools.read(u), await tools.read(s), await tools.read(vh)),
        () => {
          a.dispose();
          decompose.dispose();
        },
      );
    },

    fft: (inputs) => {
      const x = tools.uploadAll(inputs);
      const transform = jax.jit((real: NdArray, imag: NdArray) => {
        const y = np.fft.fft({ real, imag });
        return { real: y.real, imag: y.imag };
      });
      return tools.runner(
        () => transform(tools.hold(x.re!), tools.hold(x.im!)),
        async ({ real, imag }) => Float32Array.from([...(await tools.read(real)), ...(await tools.read(imag))]),
        () => {
          tools.free(x);
          transform.dispose();
        },
      );
    },
  };
}

/** U diag(s) V^T, then U^T U; not a number if s is not in descending order. */
function rebuilt(n: number, u: Float32Array, s: Float32Array, vh: Float32Array): Float64Array {
  const out = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) {
        out[i * n + j]! += u[i * n + k]! * s[k]! * vh[k * n + j]!;
        out[n * n + i * n + j]! += u[k * n + i]! * u[k * n + j]!;
      }
    }
  }
  return s.some((value, k) => k > 0 && value > s[k - 1]!) ? out.fill(NaN) : out;
}
