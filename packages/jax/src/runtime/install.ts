/** The one file with an effect at load: the bottom interpreter, the fluent methods of arrays, the end of programs. */
import { installBaseTrace } from "../core/interpreter";
import { Tracer } from "../core/tracer";
import { installMethods } from "../numpy/methods";
import { sampleProgram } from "../numpy/sample-program";
import { installPrograms } from "../transforms/programs";
import { installRowMajor } from "./array";
import { EvalTrace, compileAhead, makeContiguous } from "./eval";
import { evaluateAsync } from "./eval-async";
import { readyDevices } from "./registry";
import { dropAllPlans, dropPlans } from "./plans";
import { installWarmUp } from "./warm-up";

installBaseTrace(new EvalTrace());
installRowMajor(makeContiguous);
installMethods(Tracer.prototype);
installWarmUp(sampleProgram);
function dropAll(): void {
  dropAllPlans();
  for (const device of readyDevices()) device.forgetKernels?.();
}

installPrograms({ drop: dropPlans, dropAll, compile: compileAhead, runAsync: evaluateAsync });
