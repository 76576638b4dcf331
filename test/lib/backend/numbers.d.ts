import * as tf from "@tensorflow/tfjs";
/** Fixed numbers from −1.3 to 1.3, evenly spread and shuffled: an input without ties or kinks (up to 120 of them). */
export declare function input(shape: number[]): tf.Tensor;
/** Other fixed numbers, for weights. */
export declare function weights<T extends tf.Tensor = tf.Tensor>(...shape: number[]): T;
/** A weighted sum with weights all different, so that no error in a gradient can cancel out. */
export declare function weighted(y: tf.Tensor): tf.Tensor;
