/** Every error of this package: a class to catch, and a message that names the place in the model. */
import { JaxError } from "@jax-js/jax";

/** Base of all errors that this package throws on purpose. */
export class OnnxError extends JaxError {
  override name = "OnnxError";
}

/** The bytes are no ONNX model, or a part of it does not hold together. */
export class OnnxParseError extends OnnxError {
  override name = "OnnxParseError";
}

/** The model asks for an operator, a version of one, or an element type that is not implemented. */
export class OnnxUnsupportedError extends OnnxError {
  override name = "OnnxUnsupportedError";
}

/** A node could not be run; the message names node, operator, version and the shapes of its inputs. */
export class OnnxNodeError extends OnnxError {
  override name = "OnnxNodeError";
}

/** A function uses something that ONNX does not have. */
export class OnnxExportError extends OnnxError {
  override name = "OnnxExportError";
}
