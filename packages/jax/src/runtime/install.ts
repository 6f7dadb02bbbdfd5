/** The one file with an effect at load: the bottom interpreter, and the fluent methods of arrays. */
import { installBaseTrace } from "../core/interpreter";
import { Tracer } from "../core/tracer";
import { installMethods } from "../numpy/methods";
import { EvalTrace } from "./eval";

installBaseTrace(new EvalTrace());
installMethods(Tracer.prototype);
