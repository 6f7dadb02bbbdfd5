// Trains two classifiers of handwritten digits on WebAssembly, and prints how well they do on images they have not seen.
import { blockUntilReady, jit, nn, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";
import { adam, applyUpdates } from "@jax-js/optax";
import { loadDigits } from "./digits.js";
import { convNet, mlp } from "./models.js";

const BATCH = 64;
const { train, test } = loadDigits();

async function fit(model, { epochs, learningRate, seed }) {
  const optimizer = adam(learningRate);

  const loss = (params, x, labels) => {
    const logProbabilities = nn.logSoftmax(model.apply(params, x)); // [n, 10]
    return logProbabilities.mul(nn.oneHot(labels, 10)).sum(-1).mean().neg();
  };
  const gradients = jit(valueAndGrad(loss));
  const update = jit((params, state, grads) => {
    const [updates, next] = optimizer.update(grads, state, params);
    return [applyUpdates(params, updates), next];
  });
  const accuracy = jit((params, x, labels) => np.argmax(model.apply(params, x), -1).equal(labels).mean());

  const trainX = np.array(train.pixels, { shape: [train.count, 64] });
  const trainY = np.array(train.labels);
  const testX = np.array(test.pixels, { shape: [test.count, 64] });
  const testY = np.array(test.labels);

  let params = model.init(random.key(seed));
  let state = optimizer.init(params);
  const start = performance.now();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = random.permutation(random.key(1000 + epoch), train.count);
    let total = 0;
    let steps = 0;
    for (let at = 0; at + BATCH <= train.count; at += BATCH, steps++) {
      const batch = order.slice([at, at + BATCH]);
      const x = np.take(trainX, batch, 0);
      const y = np.take(trainY, batch, 0);
      const [value, grads] = gradients(params, x, y);
      const [nextParams, nextState] = update(params, state, grads);
      total += value.item();
      tree.dispose([value, grads, params, state, batch, x, y]);
      params = nextParams;
      state = nextState;
    }
    order.dispose();
    if (epoch % 5 === 0 || epoch === 1) {
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`  epoch ${String(epoch).padStart(3)}  loss ${(total / steps).toFixed(4)}  ${seconds} s`);
    }
  }
  await blockUntilReady(params);
  const seconds = (performance.now() - start) / 1000;
  const score = accuracy(params, testX, testY);
  const percent = 100 * score.item();
  console.log(`  ${model.name}: test accuracy ${percent.toFixed(2)} %, trained in ${seconds.toFixed(1)} s`);
  tree.dispose([params, state, score, trainX, trainY, testX, testY]);
  for (const f of [gradients, update, accuracy]) f.dispose();
  return percent;
}

console.log(`${train.count} images to learn from, ${test.count} held out for the test`);
console.log(mlp.name);
const mlpAccuracy = await fit(mlp, { epochs: 40, learningRate: 2e-3, seed: 0 });
console.log(convNet.name);
await fit(convNet, { epochs: 20, learningRate: 3e-3, seed: 0 });
process.exitCode = mlpAccuracy >= 96 ? 0 : 1;
