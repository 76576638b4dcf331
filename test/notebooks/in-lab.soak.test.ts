import * as adversarial from "./adversarial-images";
import { describeAsStudent, describeInLab, inBrowser } from "./browser-harness";
import * as garments from "./garments-occluded";
import * as saliency from "./saliency-on-imagenet";
import { numberOf, type SheetFacts } from "./sheet-harness";
import * as training from "./through-training";
import * as features from "./visualized-features";
import * as warmUp from "./warm-up";

/** Every sheet with a line of its solutions. In every run sheet 0 is run so, and sheet 4 as it is handed out. */
const sheets: [SheetFacts, RegExp][] = [
  [warmUp.facts, /tf\.mean\(images, 0, true\)/],
  [saliency.facts, /tf\.max\(tf\.abs\(tf\.grad/],
  [adversarial.facts, /tf\.logSoftmax\(model\.logits/],
  [features.facts, /const height = \(at: tf\.Tensor\)/],
  [garments.facts, /tf\.oneHot\(tf\.tensor1d/],
  [training.facts, /tf\.mul\(images, tf\.grad\(score\)/],
];

for (const [facts, secret] of sheets) {
  inBrowser(`notebooks: sheet ${numberOf(facts)} in JupyterLab, run through the menu`, (browser) => {
    describeInLab(browser, facts, "run", () => {}, { pictures: true });
    describeAsStudent(browser, facts, secret, { pictures: true });
  });
}
