/** The one file with an effect at load: the bottom interpreter, the fluent methods of arrays, the end of programs. */
import { installBaseTrace } from "../core/interpreter";
import { Tracer } from "../core/tracer";
import { installMethods } from "../numpy/methods";
import { onDropProgram } from "../transforms/jit";
import { installRowMajor } from "./array";
import { EvalTrace, makeContiguous } from "./eval";
import { dropPlans } from "./plans";

installBaseTrace(new EvalTrace());
installRowMajor(makeContiguous);
installMethods(Tracer.prototype);
onDropProgram(dropPlans);
