import { expect } from "chai";
import { everyFigure } from "./support/every-figure";
import { expectSnapshot } from "./support/snapshot";

describe("figures look as they did", () => {
  for (const [name, make] of Object.entries(everyFigure)) {
    it(name, async () => {
      const made = await make();
      expect(made.layout.width, "fits beside JupyterLab's prompt").to.be.at.most(800);
      await expectSnapshot(name, made);
    });
  }
});
