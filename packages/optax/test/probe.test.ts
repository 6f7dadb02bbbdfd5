import { numpy as np, owned, random, jit, checkLeaks } from "@jax-js/jax";
import { it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
leavesArraysToCollector("probe");
it("x", () => {
  const x = np.array([1, 2]);
  console.log(x.weakType, np.array(0).weakType, np.zerosLike(x).weakType, x.reshape(x.shape) === x, x.astype("float32") === x, np.array(x) === x, x.ravel() === x);
  const k = random.key(0);
  console.log(String(k), k.dtype, k.shape, k.constructor.name);
  checkLeaks.stop(); checkLeaks.start();
  const y = owned(() => { owned(() => [x.reshape([2])]); owned(()=>x.mul(2).add(1)); return [x.mul(2)]; });
  console.log(checkLeaks.snapshot());
  const f = jit((x) => [np.array(x), x.reshape(x.shape), np.copy(x)]); console.log(f.lower(x).asText());
  console.log(np.where(true, 1, 2).dtype, np.array(3, {dtype:"int32"}).mul(0.5).dtype, np.power(0.5, np.array(3,{dtype:"int32"})).dtype);
  console.log(x.add(np.array(1, {dtype:"float16"})).dtype, np.ones([2],{dtype:"float16"}).mul(np.array(1)).dtype);
});
