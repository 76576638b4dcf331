import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { backendChoice, ready } from "../../../lib/backend";
import { forEachBackend } from "../../helpers/backends";

describe("backend selection", () => {
  forEachBackend((name) => {
    it("is the one that computes", () => {
      expect(tf.getBackend()).to.equal(name);
      tf.tidy(() => {
        expect(tf.tensor([1, 2, 3]).sum().dataSync()[0]).to.equal(6);
      });
    });
  });

  it("says what was chosen, and why not something faster", async () => {
    const choice = await ready();
    expect(choice).to.equal(backendChoice());
    expect(tf.getBackend()).to.equal(choice.name);
    expect(choice.version).to.match(/\d+\.\d+/);
    expect(choice.device).to.match(/^(CPU|NVIDIA GPU)$/);
    for (const { name, reason } of choice.passedOver) expect(`${name}: ${reason}`).to.match(/^\S.*: \S[^\n]*$/);
    if (choice.name !== "tensorflow") expect(choice.passedOver).to.not.be.empty;
  });
});
