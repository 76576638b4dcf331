import { expect } from "chai";
import * as path from "path";
import * as tfjs from "@tensorflow/tfjs";
import * as ts from "typescript";
import { tf } from "../../../lib";

const root = path.join(__dirname, "../../..");

/** What the compiler says of a file of this folder, with the project's own options; `text` in place of the file's. */
function diagnostics(name: string, text?: string): string[] {
  const file = path.join(__dirname, name);
  const { config } = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [file] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  if (text !== undefined) {
    const { getSourceFile } = host;
    host.getSourceFile = (asked, ...rest) =>
      path.resolve(asked) === file
        ? ts.createSourceFile(asked, text, ts.ScriptTarget.ES2022)
        : getSourceFile(asked, ...rest);
  }
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}

describe("tf: types that do not stand in the way", function () {
  this.timeout(60000);

  it("compiles what TensorFlow.js's documentation shows without a cast, and still finds mistakes", () => {
    expect(diagnostics("documented-forms.ts")).to.deep.equal([]);
  });

  it("is a test that can fail: with TensorFlow.js's own types the same forms do not compile", () => {
    const source = ts.sys
      .readFile(path.join(__dirname, "documented-forms.ts"))!
      .replace(/^ {2}tf,$/m, "")
      .replace(
        'import * as tfjs from "@tensorflow/tfjs";',
        'import * as tf from "@tensorflow/tfjs";\nconst tfjs = tf;',
      );
    const found = diagnostics("documented-forms.ts", source.replace("typeof tfjs", "typeof tf"));
    expect(found.length).to.be.greaterThan(10);
    expect(found.join("\n")).to.contain("'Rank' is not assignable to type 'Rank.R4'");
  });

  it("hands out TensorFlow.js's own functions, all of them", () => {
    const ours = tf as unknown as Record<string, unknown>;
    const different = Object.entries(tfjs).filter(([name, value]) => name !== "default" && ours[name] !== value);
    expect(different.map(([name]) => name)).to.deep.equal([]);
  });

  it("gives the gradients that it promises", () => {
    const x = tf.tensor([1, 2, 3, 4], [1, 2, 2, 1]);
    const [byX, byY] = tf.grads((a: tf.Tensor4D, b: tf.Scalar) => tf.sum(tf.mul(tf.square(a), b)))([x, tf.scalar(3)]);
    expect(byX.shape).to.deep.equal([1, 2, 2, 1]);
    expect(Array.from(byX.dataSync())).to.deep.equal([6, 12, 18, 24]);
    expect(byY.dataSync()[0]).to.equal(30);
  });
});
