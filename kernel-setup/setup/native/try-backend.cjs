// Tries one TensorFlow.js backend for real, in a process of its own that may crash: node try-backend.cjs NAME [gpu]
// Prints one line of JSON: { ok, reason, tensorflow, device }.
const util = require("node:util");
// tfjs-node calls two functions that Node 23 removed.
util.isNullOrUndefined = (value) => value === null || value === undefined;
util.isArray = Array.isArray;
console.warn = () => {};

const [name, needsGpu] = process.argv.slice(2);

async function attempt() {
  const tf = require("@tensorflow/tfjs");
  if (name === "wasm") {
    require("@tensorflow/tfjs-backend-wasm");
    if (!(await tf.setBackend("wasm"))) return { ok: false, reason: "WebAssembly could not be started" };
  } else if (name === "cpu") {
    await tf.setBackend("cpu");
  } else {
    require(`@tensorflow/${name}`);
    await tf.setBackend("tensorflow");
  }
  await tf.ready();
  const backend = tf.backend();
  const device = backend.isUsingGpuDevice ? "gpu" : "cpu";
  if (needsGpu && device !== "gpu") return { ok: false, reason: "the library found no GPU that it can use" };

  // All ones, so that the right numbers are known: 4 under every window, and as gradient the windows over a pixel.
  const kernel = tf.ones([2, 2, 1, 1]);
  const score = (x) => tf.sum(tf.conv2d(x, kernel, 1, "valid"));
  const gradient = Array.from(
    await tf
      .grad(score)(tf.ones([1, 3, 3, 1]))
      .data(),
  );
  const value = (await score(tf.ones([1, 3, 3, 1])).data())[0];
  const right = value === 16 && gradient.join() === "1,2,1,2,4,2,1,2,1";
  if (!right) return { ok: false, reason: `a 2×2 convolution of ones came out wrong (${value}; gradient ${gradient})` };
  return { ok: true, tensorflow: backend.binding?.TF_Version ?? null, device };
}

attempt().then(
  (result) => console.log(JSON.stringify(result)),
  (error) => console.log(JSON.stringify({ ok: false, reason: String(error.message).split("\n")[0].slice(0, 200) })),
);
