import * as tf from "@tensorflow/tfjs";

export type TrainingOptimizer = tf.AdamOptimizer | tf.MomentumOptimizer;

export function makeOptimizer(name: "adam" | "momentum", learningRate: number): TrainingOptimizer {
  return name === "momentum" ? tf.train.momentum(learningRate, 0.9) : tf.train.adam(learningRate);
}

/** Not `instanceof`, by which TensorFlow.js takes every optimizer for every other. */
const isMomentum = (optimizer: TrainingOptimizer): optimizer is tf.MomentumOptimizer => optimizer.getClassName() === "Momentum";

/** TensorFlow.js's momentum keeps its rate in a tensor, which a changed `learningRate` does not reach. */
export function setLearningRate(optimizer: TrainingOptimizer, learningRate: number): void {
  if (isMomentum(optimizer)) optimizer.setLearningRate(learningRate);
  else (optimizer as unknown as { learningRate: number }).learningRate = learningRate;
}

/** TensorFlow.js's momentum forgets the tensor with its rate. */
export function disposeOptimizer(optimizer: TrainingOptimizer): void {
  optimizer.dispose();
  if (isMomentum(optimizer)) tf.SGDOptimizer.prototype.dispose.call(optimizer);
}
