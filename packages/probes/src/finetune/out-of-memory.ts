/** @file Tells an error that means too little memory from others: what is computed at once may then be halved. */

/** What ONNX Runtime, and Node for its arrays, say when they get no memory. */
export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error &&
  /bad_alloc|failed to allocate|allocation failed|out of memory/i.test(error.message);
