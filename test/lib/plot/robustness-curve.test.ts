import { expect } from "chai";
import { robustnessCurve } from "../../../lib/plot/robustness-curve";

const points = [
  { epsilon: 0, share: 0.9 },
  { epsilon: 0.1, share: 0.2 },
];

describe("plot: robustnessCurve", () => {
  it("says at its axis, where one points, and below what is counted: unfooled inputs, or what the call names", () => {
    for (const [options, word] of [
      [{}, "unfooled"],
      [{ counted: "recognised" }, "recognised"],
    ] as const) {
      const { layout, data, caption } = robustnessCurve({ FGSM: points }, options) as unknown as {
        layout: { yaxis: { title: { text: string } } };
        data: { hovertemplate: string }[];
        caption: string;
      };
      expect(layout.yaxis.title.text).to.equal(`share that stays ${word}`);
      expect(data[0].hovertemplate).to.include(`${word} %{y`);
      expect(caption).to.equal(`Inputs that stay ${word}: FGSM from 90 % at 0 to 20 % at 0.1.`);
    }
  });
});
