// Steps of loops in a browser, where no TensorFlow runs them as graphs: they run as they are.

export const runsAsGraph = (): boolean => false;

export const modelStep = <Inputs extends readonly unknown[], Result>(
  _model: object,
  _key: string,
  step: (...inputs: Inputs) => Result,
): ((...inputs: Inputs) => Result) => step;

export const forgetGraphs = (): void => undefined;

export const repeated = <Inputs extends readonly unknown[], Result>(
  _model: object,
  _options: object,
  step: (...inputs: Inputs) => Result,
): { run(...inputs: Inputs): Result; dispose(): void } => ({ run: step, dispose: () => undefined });
