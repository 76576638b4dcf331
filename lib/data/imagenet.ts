// ImageNet's classes, and some of its photographs or substitutes for them.
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { badInput } from "../core/errors";
import { checkOptions, oneOf, without, type Schema } from "../core/options";
import { say } from "../runtime/progress";
import { readImage } from "./image";
import { imagenetClassNames } from "./imagenet-classes";
import { chooseImages, imageChoice, type ImageChoice, type LabelledImages } from "./labelled-images";
import { readNpz } from "./npy";
import { MissingDataError, obtain } from "./obtain";
import { fit } from "./resize";

export interface ImagenetOptions extends Omit<ImageChoice, "indices"> {
  /**
   * `val`: 25 validation photographs (CS231n); `samples`: 14 others, one class each; `all`: both, the first ones first.
   * Default: "all".
   */
  set?: "all" | "val" | "samples";
  /**
   * What to do where the photographs cannot be obtained: take others, with their own classes, or throw. Default:
   * "substitute".
   */
  missing?: "substitute" | "refuse";
}

export const imagenetOptions = {
  ...without(imageChoice, "indices"),
  set: oneOf(["all", "val", "samples"], {
    default: "all",
    help: "val: 25 validation photographs; samples: 14 others, one class each; all: both",
  }),
  missing: oneOf(["substitute", "refuse"], {
    default: "substitute",
    help: "where the photographs cannot be obtained: take others, or throw",
  }),
} satisfies Schema<ImagenetOptions>;

export interface ImagenetImages extends LabelledImages {
  /** The name of each image's class, told apart by a number where a class comes twice: for captions. */
  readonly titles: string[];
}

/** A photograph as bytes. */
interface Photo {
  readonly label: number;
  readonly pixels: Uint8Array;
}

const side = 224;
const entries = { val: "imagenet-val-25", samples: "imagenet-samples" } as const;

/** What PyPI packages carry, and what is to be seen on it: Egyptian cat, espresso, stupa. */
const substitutes = [
  { entry: "photographs-scikit-image", file: "chelsea.png", label: 285 },
  { entry: "photographs-scikit-image", file: "coffee.png", label: 967 },
  { entry: "photographs-scikit-learn", file: "china.jpg", label: 832 },
];

/**
 * Photographs of ImageNet (Russakovsky and others 2015, arXiv:1409.0575), 224 × 224: in the order of the classes asked
 * for, else as published. Where they can be neither found nor downloaded, photographs from PyPI packages are taken,
 * with their own classes and whatever classes were asked for; `source` then says `substitute`, and so does one line on
 * stderr.
 * @returns images [count, 224, 224, 3] in [0, 1]
 * @throws BadInputError for classes that are none, or of which there is no photograph; MissingDataError
 */
export async function loadImagenet(options: ImagenetOptions = {}): Promise<ImagenetImages> {
  const { set, missing, ...choice } = checkOptions(imagenetOptions, options);
  await ready();
  let photos: Photo[];
  try {
    photos = [...(set === "samples" ? [] : await validation()), ...(set === "val" ? [] : await samples())];
  } catch (error) {
    if (!(error instanceof MissingDataError) || missing === "refuse") throw error;
    return substituted(error);
  }
  return labelled(chosen(photos, choice), "official");
}

/** In the order of the classes asked for. */
function chosen(photos: readonly Photo[], choice: ImageChoice): Photo[] {
  const labels = photos.map(({ label }) => label);
  const { classes, ...rest } = choice;
  const inOrder = classes
    ? [...new Set(classes)].flatMap((name) => {
        const found = chooseImages(labels, { ...rest, count: undefined, classes: [name] }, imagenetClassNames);
        if (found.length > 0) return found;
        const known = [...new Set(labels.map((label) => imagenetClassNames[label]))].join(", ");
        return badInput({ what: "classes", got: name, allowed: `a class of which there is a photograph: ${known}` });
      })
    : chooseImages(labels, rest, imagenetClassNames);
  return inOrder.slice(0, choice.count).map((index) => photos[index]);
}

const read: { validation?: Photo[]; samples?: Photo[] } = {};

async function validation(): Promise<Photo[]> {
  if (read.validation) return read.validation;
  const {
    files: [{ file }],
  } = await obtain("data", entries.val);
  const npz = await readNpz(file),
    pixels = npz.read("X").data as Uint8Array,
    labels = npz.read("y").data;
  const size = side * side * 3;
  return (read.validation = Array.from({ length: labels.length }, (_, i) => ({
    label: Number(labels[i]),
    pixels: pixels.subarray(i * size, (i + 1) * size),
  })));
}

/** The file's name says the class: `n01806567_quail.JPEG`. */
async function samples(): Promise<Photo[]> {
  if (read.samples) return read.samples;
  const { files } = await obtain("data", entries.samples);
  return (read.samples = await Promise.all(
    files.map(async ({ file }) => {
      const name = path
        .basename(file)
        .replace(/^n\d+_/, "")
        .replace(/\.JPEG$/, "")
        .replaceAll("_", " ");
      return { label: imagenetClassNames.indexOf(name), pixels: await cropped(file) };
    }),
  ));
}

const cropped = async (file: string): Promise<Uint8Array> => fit(await readImage(file), side, side).data;

let said = false;

async function substituted(missing: MissingDataError): Promise<ImagenetImages> {
  const photos: Photo[] = [];
  for (const { entry, file, label } of substitutes) {
    const { files } = await obtain("data", entry);
    photos.push({ label, pixels: await cropped(files.find(({ path: name }) => name.endsWith(file))!.file) });
  }
  if (!said)
    say(
      `ImageNet's photographs are not available here, so others take their place: ` +
        `${photos.map(({ label }) => imagenetClassNames[label]).join(", ")}. ${missing.message}`,
    );
  said = true;
  return labelled(photos, "substitute");
}

function labelled(photos: readonly Photo[], source: "official" | "substitute"): ImagenetImages {
  const values = new Float32Array(photos.length * side * side * 3);
  photos.forEach(({ pixels }, i) =>
    pixels.forEach((value, j) => {
      values[i * pixels.length + j] = value / 255;
    }),
  );
  const images = tf.tensor4d(values, [photos.length, side, side, 3]);
  const labels = photos.map(({ label }) => label),
    seen = new Map<number, number>();
  const titles = labels.map((label) => {
    const before = seen.get(label) ?? 0;
    seen.set(label, before + 1);
    return labels.filter((other) => other === label).length > 1
      ? `${imagenetClassNames[label]} ${before + 1}`
      : imagenetClassNames[label];
  });
  return { images, labels, titles, classNames: [...imagenetClassNames], source, dispose: () => images.dispose() };
}
