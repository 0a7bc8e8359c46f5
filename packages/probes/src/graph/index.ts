/** @file The graph compiler: build nodes, differentiate, compile, run. */

export { gradients } from "./backward.ts";
export { compileElementWise, type ElementRange, type ElementWise } from "./element-wise.ts";
export { type GradientRule, gradientRules, type RuleTable } from "./gradients.ts";
export { halfProducts } from "./half-products.ts";
export {
  type Interpretable,
  interpret,
  interpretable,
  type Kernel,
  type KernelTable,
  type Library,
  type Run,
} from "./interpret.ts";
export {
  type Attributes,
  type DType,
  isOp,
  type Node,
  node,
  type Op,
  type TensorData,
  topologicalOrder,
  type WeightSource,
} from "./node.ts";
export { emit } from "./onnx.ts";
export * from "./ops.ts";
export {
  availableDevices,
  type CompileOptions,
  compile,
  type Device,
  type DeviceTensor,
  download,
  type Engine,
  evaluate,
  type Runtime,
  Session,
  type Tensor,
  type Value,
} from "./session.ts";
export { type Dim, formatShape, multiply, plus, type Shape, ShapeError, sizeOf } from "./shape.ts";
export { compileSumOfSquares, type SumOfSquares } from "./sum-of-squares.ts";
export { type WasmMemory, wasmMemory } from "./wasm.ts";
