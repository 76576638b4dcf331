// What the page of data.browser.full.test.ts runs: the library's own functions, called with what a page has.
import * as vitrine from "../../../lib/index.browser";

const { loadImages, loadModel, ready, readImage, tf } = vitrine;

/** The pixels of a file that a page was given. */
async function pixelsOf(
  base64: string,
  name: string,
): Promise<{ height: number; width: number; data: number[] } | string> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  try {
    const { height, width, data } = await readImage(new File([bytes], name));
    return { height, width, data: Array.from(data) };
  } catch (error) {
    return (error as Error).message;
  }
}

/** One picture, given in every way that a page has: the largest difference from its file's pixels in each. */
async function inEveryWay(base64: string): Promise<Record<string, number>> {
  const url = `data:image/png;base64,${base64}`,
    blob = await (await fetch(url)).blob(),
    { data, width, height } = await readImage(blob);
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d")!;
  context.drawImage(image, 0, 0);
  const ways = {
    "<img>": image,
    canvas,
    ImageData: context.getImageData(0, 0, width, height),
    ImageBitmap: await createImageBitmap(blob),
    address: url,
  };
  const apart: Record<string, number> = {};
  for (const [name, given] of Object.entries(ways)) {
    const read = await readImage(given);
    apart[name] = read.data.reduce((most, value, i) => Math.max(most, Math.abs(value - data[i])), 0);
  }
  return apart;
}

/** A network's predictions and saliency for an image, and what was told while it came. */
async function explained(
  address: string,
  image: string,
  options: object,
): Promise<{ said: string[]; values: number[]; target: number[]; told: number; milliseconds: number } | string> {
  let told = 0;
  try {
    const model = await loadModel(address, { ...options, onProgress: () => void told++ });
    const [height, , channels] = model.inputShape as [number, number, 1 | 3];
    const images = await loadImages(image, { size: height, channels });
    await vitrine.saliency(model, images).then(({ values }) => values.data().then(() => values.dispose()));
    const begun = performance.now(),
      { values, target } = await vitrine.saliency(model, images),
      numbers = Array.from(await values.data()),
      milliseconds = performance.now() - begun;
    const [said] = await model.predict(images, { top: 3 });
    tf.dispose([images, values]);
    model.dispose();
    return { said: said.map(({ name }) => name), values: numbers, target: [...target], told, milliseconds };
  } catch (error) {
    return (error as Error).message;
  }
}

/** A model's name and the shape of its inputs, or why there is none. */
async function said(given: Parameters<typeof loadModel>[0]): Promise<string> {
  try {
    const model = await loadModel(given),
      words = `${model.name}: ${model.inputShape.join(" × ")}`;
    model.dispose();
    return words;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Of files as somebody drops them. */
async function dropped(addresses: string[], names: string[]): Promise<string> {
  const files = await Promise.all(
    addresses.map(async (address, i) => new File([await (await fetch(address)).blob()], names[i])),
  );
  return said(files);
}

const kept = async (): Promise<string[]> =>
  (await (await caches.open("vitrine")).keys()).map(({ url }) => new URL(url).pathname);

Object.assign(globalThis, {
  vitrine,
  ready,
  pixelsOf,
  inEveryWay,
  explained,
  dropped,
  said,
  kept,
  numTensors: () => tf.memory().numTensors,
});
