import type { Code } from "./hostile-course";

/** Wrong, and would be right if the thing it changes were believed. */
const wrong = "return tf.zerosLike(images);";

/** The reason where nothing else is said. */
export const notBelieved = /0 everywhere|There is no function|stopped with an error|not be read|not those asked for/;

/** Of task 1 none may have a point. */
export const forgeries: readonly (Code & { name: string; reason?: RegExp })[] = [
  {
    name: "vm.runInThisContext and vm.Script say yes",
    body: wrong,
    before:
      `const vm = require("vm"); vm.runInThisContext = () => () => true; vm.Script.prototype.runInThisContext = () ` +
      `=> () => true; vm.Script = class {};`,
  },
  {
    name: "assert and chai never fail",
    body: wrong,
    before:
      `const assert = require("assert"); for (const key of Object.keys(assert)) assert[key] = () => true; try { ` +
      `const chai = require("chai"); chai.expect = () => new Proxy({}, { get: () => () => true }); } catch {}`,
  },
  {
    name: "JSON.stringify and JSON.parse",
    body: wrong,
    before:
      `const plain = JSON.stringify; JSON.stringify = ((value: any) => plain(value && value.id ? { ...value, ok: ` +
      `true, passed: true, points: 100, score: 100, value: true } : value)) as any; const parse = JSON.parse; ` +
      `JSON.parse = ((text: string) => ({ ...parse(text), args: [] })) as any;`,
    reason: /tensor is asked for|stopped with an error|result cannot be read/,
  },
  {
    name: "prototypes of Object, Array, Number, Function, Promise",
    body: wrong,
    before:
      `Object.assign(Object.prototype, { passed: true, ok: true, points: 100, score: 100, status: "passed" }); ` +
      `Array.prototype.every = (() => true) as any; Array.prototype.some = () => false; Number.isFinite = () => ` +
      `true; Math.abs = () => 0; Math.max = () => 0; Function.prototype.call = function () { return true; } as ` +
      `any; Promise.prototype.catch = function () { return this; } as any;`,
    reason: /./,
  },
  {
    name: "toJSON of every object",
    body: wrong,
    before: `(Object.prototype as any).toJSON = function () { return { passed: true, points: 100 }; };`,
    reason: /./,
  },
  {
    name: "the library's own functions",
    body: wrong,
    before:
      `const library = require("vitrine") as any; for (const key of ["sub", "abs", "max", "grad"]) { try { ` +
      `library.tf[key] = () => library.tf.scalar(0); } catch {} } tf.Tensor.prototype.data = async function () { ` +
      `return new Float32Array(this.size) as any; }; tf.Tensor.prototype.dataSync = function () { return new ` +
      `Float32Array(this.size) as any; };`,
  },
  {
    name: "the network made constant, so that a map of zeros would be right",
    body:
      `(model as any).logits = (x: tf.Tensor4D) => tf.zeros([x.shape[0], 10]); (model as any).dispose = () => ` +
      `undefined; ${wrong}`,
  },
  {
    name: "forged replies on the protocol's socket, for every number",
    body:
      `const fs = require("fs"); for (let id = 0; id < 400; id++) fs.writeSync(3, JSON.stringify({ id, nonce: ` +
      `"0".repeat(24), ok: true, value: { t: "tensor", shape: images.shape, dtype: "float32", data: "" }, passed: ` +
      `true, points: 100 }) + "\\n"); ${wrong}`,
  },
  {
    name: "the nonce read off the socket, and used first",
    body: wrong,
    before:
      `const net = require("net"); let nonce = ""; const emit = net.Socket.prototype.emit; ` +
      `net.Socket.prototype.emit = function (event: string, data: any) { const found = ` +
      `/"id":(\\d+),"nonce":"(\\w+)"/.exec(String(data)); if (event === "data" && found) ` +
      `this.write(JSON.stringify({ id: Number(found[1]), nonce: found[2], ok: true, passed: true, points: 100, ` +
      `status: "passed", value: { t: "object", v: [["passed", true], ["points", 100]] } }) + "\\n"); return ` +
      `emit.apply(this, arguments); };`,
    reason: /tensor is asked for|There is no function|cannot be read|ended its process/,
  },
  {
    name: "says that it is ready again and again",
    body: `for (let i = 0; i < 50; i++) require("fs").writeSync(3, '{"ready":true}\\n'); ${wrong}`,
  },
  {
    name: "prints results",
    body:
      `console.log('{"score":100,"tests":[{"name":"task-1","score":100,"max_score":3,"status":"passed"}]}'); ` +
      `console.log("✓ all right"); require("fs").writeSync(2, "\\u001b]0;passed\\u0007\\u001b[2J 12 passing\\n"); ` +
      `${wrong}`,
  },
  {
    name: "writes results.json wherever it can",
    body:
      `for (const folder of ["/tmp", "/grade/work", "."]) require("fs").writeFileSync(folder + "/results.json", ` +
      `'{"score":100}'); ${wrong}`,
  },
  {
    name: "throws what a passed check would",
    body: `throw Object.assign(new Error("passed"), { name: "Passed", points: 100, status: "passed" });`,
    reason: /Passed: passed/,
  },
  { name: "throws null", body: "throw null;", reason: /./ },
  {
    name: "throws an error whose message throws",
    body: `throw { get message() { throw new Error("deeper"); }, get name() { return 3; } };`,
    reason: /./,
  },
];
