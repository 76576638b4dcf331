import { expect } from "chai";
import * as adversarial from "./adversarial-images";
import { cellOf, printed } from "./course";
import * as garments from "./garments-occluded";
import * as saliency from "./saliency-on-imagenet";
import { describeWithoutData } from "./sheet-harness";
import * as training from "./through-training";
import * as features from "./visualized-features";
import * as warmUp from "./warm-up";

// CI executes the sheets so in its second clone, and reads there what came of it (VITRINE_EXECUTED): once is enough.

describeWithoutData("on stand-in garments", warmUp.facts, (run) => {
  warmUp.promises(run);

  it("says so, and names them as stand-ins above the plots", () => {
    expect(printed(run(), "setup")).to.match(/STAND-INS/);
  });
});

describeWithoutData("on substitutes for ImageNet's photographs, which it says by itself", saliency.facts, (run) => {
  saliency.promises(run);

  it("says so, and leaves out the networks that are not here", () => {
    expect(printed(run(), "setup")).to.match(/^NOTE: .*SUBSTITUTES/m);
    const photographs = JSON.stringify(cellOf(run(), "photos-show").outputs);
    expect(photographs)
      .to.match(/SUBSTITUTES, not ImageNet/)
      .and.match(/Egyptian cat/);
    expect(printed(run(), "predictions")).to.not.match(/Of all/);
    expect(printed(run(), "other-networks")).to.match(
      /VGG-16 is left out: [^]*GoogLeNet is left out: [^]*DeiT-tiny is left out: /,
    );
  });
});

describeWithoutData("on other photographs, a dahlia, and stand-in garments", adversarial.facts, (run) => {
  adversarial.promises(run);

  it("says in one line each what is missing", () => {
    const missing = /NOTE: ImageNet's photographs are not available[^\n]*/g;
    expect(printed(run(), "setup").match(missing) ?? []).to.have.length(1);
    expect(printed(run(), "transfer-networks").match(/NOTE: the weights of \w+ are not available/g) ?? []).to.have.length(2);
    expect(printed(run(), "flowers-setup")).to.match(
      /^NOTE: the flower photographs are not available on this machine\. A DAHLIA stands in/m,
    );
  });
});

describeWithoutData("on photographs from PyPI and SqueezeNet alone, which it says by itself", features.facts, (run) => {
  features.promises(run);

  it("says so in a line each", () => {
    const photographs = /Photographs: Egyptian cat, espresso, stupa \(SUBSTITUTES: .*\n/.source;
    const networks = /Networks: SqueezeNet \(the weights of others are not on this machine/.source;
    expect(printed(run(), "setup")).to.match(new RegExp(photographs + networks));
  });
});

describeWithoutData("on stand-in garments, which it says by itself", garments.facts, (run) => {
  garments.promises(run);

  it("names them as stand-ins above the plots and in the plots' titles", () => {
    expect(printed(run(), "setup")).to.match(/STAND-INS/);
    const layout = JSON.stringify(cellOf(run(), "garments-show").outputs);
    expect(layout)
      .to.match(/STAND-IN GARMENTS drawn by a generator, not Fashion-MNIST/)
      .and.match(/Trouser 1 \(stand-in\)/);
    expect(printed(run(), "attack")).to.match(/^Trouser 1 \(stand-in\): /m);
  });
});

describeWithoutData("on stand-in garments and a dahlia", { ...training.facts, plots: 12 }, (run) => {
  training.promises(run);

  it("says so in one line each, and labels what it shows", () => {
    const garmentsMissing = /^NOTE: Fashion-MNIST is not on this machine.*STAND-INS/gm;
    const flowersMissing = /^NOTE: the flower photographs are not on this machine.*substitute/gm;
    expect(printed(run(), "setup").match(garmentsMissing) ?? []).to.have.length(1);
    expect(printed(run(), "flowers-setup").match(flowersMissing) ?? []).to.have.length(1);
    const shown = (id: string): string => JSON.stringify(cellOf(run(), id).outputs);
    expect(shown("before-after")).to.match(/STAND-IN GARMENTS drawn by a generator, not Fashion-MNIST/);
    expect(shown("flowers-show")).to.match(/A SUBSTITUTE, not one of the(<br>| )flower photographs/);
    expect(printed(run(), "colour-training")).to.match(/^Left out here: .*CARD\.md/);
  });
});
