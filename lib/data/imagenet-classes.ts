// The names of ImageNet's 1,000 classes.
import { IMAGENET_CLASSES } from "@tensorflow-models/mobilenet/dist/imagenet_classes";

/** The package writes two words; everybody else one. */
const spelling: Readonly<Record<number, string>> = { 107: "jellyfish" };

/**
 * The names of ImageNet's 1,000 classes in the order of their indices, each synset's first word as Keras and
 * torchvision have them: `Border terrier`. `crane` and `maillot` occur twice; `Cardigan` (264) is a dog, `cardigan`
 * (474) a garment.
 */
export const imagenetClassNames: readonly string[] = Array.from(
  { length: 1000 },
  (_, i) => spelling[i] ?? IMAGENET_CLASSES[i].split(",")[0],
);
