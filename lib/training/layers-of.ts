import * as tf from "@tensorflow/tfjs";

/** A network's layers, each once, those of nested networks among them. @param kind only those of that class */
export function layersOf(model: tf.LayersModel, kind?: string): tf.layers.Layer[] {
  const all = model.layers.flatMap((layer): tf.layers.Layer[] =>
    layer instanceof tf.LayersModel ? layersOf(layer, kind) : [layer],
  );
  return [...new Set(all)].filter((layer) => kind === undefined || layer.getClassName() === kind);
}

/** TensorFlow.js's own layers: what others register comes later. */
const own = new Set<unknown>(
  Object.values(tf.serialization.SerializationMap.getMap().classNameMap).map(([constructor]) => constructor),
);

/** Whether a network is made of TensorFlow.js's own layers only, whose forward pass does the same at every call. */
export const isStandard = (model: tf.LayersModel): boolean =>
  layersOf(model).every((layer) => own.has(layer.constructor));
