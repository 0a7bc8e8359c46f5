/** @file The messages of ONNX that we write, with the field numbers of onnx.proto3. */

import protobuf from "protobufjs";

const field = (type: string, id: number, rule?: "repeated") => ({
  type,
  id,
  ...(rule === undefined ? {} : { rule }),
});

const root = protobuf.Root.fromJSON({
  nested: {
    Attribute: {
      fields: {
        name: field("string", 1),
        f: field("float", 2),
        i: field("int64", 3),
        s: field("bytes", 4),
        t: field("Tensor", 5),
        ints: field("int64", 8, "repeated"),
        type: field("int32", 20),
      },
    },
    Node: {
      fields: {
        input: field("string", 1, "repeated"),
        output: field("string", 2, "repeated"),
        name: field("string", 3),
        opType: field("string", 4),
        attribute: field("Attribute", 5, "repeated"),
        domain: field("string", 7),
      },
    },
    StringEntry: { fields: { key: field("string", 1), value: field("string", 2) } },
    Tensor: {
      fields: {
        dims: field("int64", 1, "repeated"),
        dataType: field("int32", 2),
        name: field("string", 8),
        rawData: field("bytes", 9),
        externalData: field("StringEntry", 13, "repeated"),
        dataLocation: field("int32", 14),
      },
    },
    Dimension: { fields: { dimValue: field("int64", 1), dimParam: field("string", 2) } },
    TensorShape: { fields: { dim: field("Dimension", 1, "repeated") } },
    TensorType: { fields: { elemType: field("int32", 1), shape: field("TensorShape", 2) } },
    Type: { fields: { tensorType: field("TensorType", 1) } },
    ValueInfo: { fields: { name: field("string", 1), type: field("Type", 2) } },
    Graph: {
      fields: {
        node: field("Node", 1, "repeated"),
        name: field("string", 2),
        initializer: field("Tensor", 5, "repeated"),
        input: field("ValueInfo", 11, "repeated"),
        output: field("ValueInfo", 12, "repeated"),
      },
    },
    OperatorSet: { fields: { domain: field("string", 1), version: field("int64", 2) } },
    Model: {
      fields: {
        irVersion: field("int64", 1),
        producerName: field("string", 2),
        graph: field("Graph", 7),
        opsetImport: field("OperatorSet", 8, "repeated"),
      },
    },
  },
});

/** AttributeProto.AttributeType. */
export const attributeType = { float: 1, int: 2, string: 3, tensor: 4, ints: 7 } as const;

export type AttributeMessage = {
  readonly name: string;
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: TensorMessage;
  readonly ints?: readonly number[];
};
export type NodeMessage = {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly attribute: readonly AttributeMessage[];
};
export type TensorMessage = {
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly name: string;
  readonly rawData?: Uint8Array;
  readonly externalData?: readonly { readonly key: string; readonly value: string }[];
  readonly dataLocation?: number;
};
export type ValueMessage = {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: { readonly dim: readonly object[] };
    };
  };
};
export type GraphMessage = {
  readonly name: string;
  readonly node: readonly NodeMessage[];
  readonly initializer: readonly TensorMessage[];
  readonly input: readonly ValueMessage[];
  readonly output: readonly ValueMessage[];
};

/** The bytes of a model with ONNX opset 20 and ONNX Runtime's own operators. */
export function encodeModel(graph: GraphMessage): Uint8Array {
  const opsetImport = [
    { domain: "", version: 20 },
    { domain: "com.microsoft", version: 1 },
  ];
  const model = { irVersion: 9, producerName: "probegrid", graph, opsetImport };
  return root.lookupType("Model").encode(model).finish();
}
