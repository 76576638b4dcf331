import * as tf from "@tensorflow/tfjs";

type Counted = tf.layers.Layer & { _refCount: number | null };
interface Container {
  nodesByDepth: Record<string, readonly { outboundLayer: tf.layers.Layer }[]>;
}

/**
 * Frees a network. TF.js counts every call of a layer, and takes off one for each network: a layer that is called twice
 * in it, or a
 * network inside that is, would keep its weights. Those that another network uses are kept for that one.
 */
export function disposeNetwork(model: tf.LayersModel): void {
  if ((model as unknown as Counted)._refCount === 1) forgetFurtherCalls(model);
  model.dispose();
}

/** All but the last one, which TF.js takes off itself. */
function forgetFurtherCalls(model: tf.LayersModel): void {
  const calls = new Map<tf.layers.Layer, number>();
  for (const { outboundLayer } of Object.values((model as unknown as Container).nodesByDepth).flat())
    calls.set(outboundLayer, (calls.get(outboundLayer) ?? 0) + 1);
  for (const [layer, times] of calls) {
    if (layer instanceof tf.LayersModel) forgetFurtherCalls(layer);
    // A network inside counts once more, for itself.
    const least = layer instanceof tf.LayersModel ? 2 : 1;
    for (let i = 1; i < times && ((layer as Counted)._refCount ?? 0) > least; i++) layer.dispose();
  }
}
