/** @file Looking up and scattering elements, which tfjs knows by index tuples and by rows only. */

import * as tf from "@tensorflow/tfjs-core";

/** Indices that count from the end, counted from the start. */
export function wrapIndices(indices: tf.Tensor, length: number): tf.Tensor {
  const whole = tf.cast(indices, "int32");
  return tf.where(tf.less(whole, int(0)), tf.add(whole, int(length)), whole);
}

/** x[..., indices[...], ...] along one axis, element by element; has the shape of the indices. */
export function gatherElements(x: tf.Tensor, indices: tf.Tensor, axis: number): tf.Tensor {
  const places = flatPlaces(x.shape, indices, axis);
  return tf.reshape(tf.gather(tf.reshape(x, [-1]), tf.reshape(places, [-1])), indices.shape);
}

/** Slices of x at index tuples; the first `batchDims` axes belong together. */
export function gatherND(x: tf.Tensor, indices: tf.Tensor, batchDims: number): tf.Tensor {
  if (batchDims === 0) return tf.gatherND(x, tf.cast(indices, "int32"));
  const outer = indices.shape.slice(0, -1);
  const own = Array.from({ length: batchDims }, (_, axis) =>
    tf.broadcastTo(countAlong(outer.length, axis, outer[axis]!), outer),
  );
  const tuples = tf.concat([tf.stack(own, -1), tf.cast(indices, "int32")], -1);
  return tf.gatherND(x, tuples);
}

type Three = readonly [x: tf.Tensor, indices: tf.Tensor, updates: tf.Tensor];
type Reduction = { readonly reduction: "none" | "add" };

/** x with elements along an axis set to the updates, or increased by them. */
export function scatterElements(
  [x, indices, updates]: Three,
  { axis, reduction }: Reduction & { readonly axis: number },
): tf.Tensor {
  const places = tf.reshape(flatPlaces(x.shape, indices, axis), [-1, 1]);
  const flat = tf.reshape(x, [-1]);
  const scattered = scatterND([flat, places, tf.reshape(updates, [-1])], { reduction });
  return tf.reshape(scattered, x.shape);
}

/** x with slices at index tuples set to the updates, or increased by them; repeated tuples add up. */
export function scatterND([x, indices, updates]: Three, { reduction }: Reduction): tf.Tensor {
  const tuples = tf.cast(indices, "int32");
  if (reduction === "none") return tf.tensorScatterUpdate(x, tuples, updates);
  return tf.add(x, tf.scatterND(tuples, updates, x.shape));
}

/** Where each element that `indices` names along an axis lies in the flat x. */
function flatPlaces(shape: readonly number[], indices: tf.Tensor, axis: number): tf.Tensor {
  const along = axis < 0 ? axis + shape.length : axis;
  const stride = (i: number): number => shape.slice(i + 1).reduce((a, b) => a * b, 1);
  const wrapped = wrapIndices(indices, shape[along]!);
  return indices.shape.reduce<tf.Tensor>(
    (sum, length, i) =>
      i === along ? sum : tf.add(sum, tf.mul(countAlong(indices.rank, i, length), int(stride(i)))),
    tf.mul(wrapped, int(stride(along))),
  );
}

/** 0, 1, 2, … along one of `rank` axes; the others are 1 long. */
function countAlong(rank: number, axis: number, length: number): tf.Tensor {
  const shape = Array.from({ length: rank }, (_, i) => (i === axis ? length : 1));
  return tf.reshape(tf.range(0, length, 1, "int32"), shape);
}

/** A bare number would make whole numbers floats. */
const int = (value: number): tf.Tensor => tf.scalar(value, "int32");
