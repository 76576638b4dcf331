import { signedMean } from "../core/tensors";
import { badInput } from "../core/errors";
import { correlation } from "./correlation";
import { readMaps, type Maps, type PlainMap, type ReductionOption } from "./read-maps";
import { sobel } from "./sobel";

/**
 * How much of a photograph's edges a map shows: Pearson's correlation, over the pixels, of the map's magnitude with the
 * length of the
 * image's Sobel gradient. A map that looks like its image may say little of the network: an edge detector knows no
 * network at all
 * (Adebayo et al. 2018, "Sanity Checks for Saliency Maps", arXiv:1810.03292, section 5). Taken before, during and after
 * training it
 * tells what training adds. Only pixels whose eight neighbours lie inside the image count. Colours of an image become
 * their mean, so
 * that edges between equally bright colours are not seen.
 * @param maps an attribution, or values [batch, height, width, channels]
 * @param images one for each map, or one for all (the maps of one image through training), [batch, height, width,
 * channels], at least 3 by 3
 * @returns a correlation for each map, −1 to 1; 0 where the map or the edges are the same at all pixels that count
 * @throws BadInputError
 */
export async function edgeCorrelation(maps: Maps, images: Maps, options: ReductionOption = {}): Promise<number[]> {
  const read = await readMaps(maps, options);
  const grey = await readMaps(images, { channels: signedMean }, "images");
  const [{ height, width }] = read;
  if (grey.length !== 1 && grey.length !== read.length)
    badInput({ what: "the number of images", got: grey.length, allowed: `1, or ${read.length}: one for each map` });
  if (grey[0].height !== height || grey[0].width !== width) {
    badInput({
      what: "the size of images",
      got: [grey[0].height, grey[0].width],
      allowed: `the maps' own, ${height} by ${width}`,
      remedy: "Maps of a layer need `upsample`.",
    });
  }
  if (height < 3 || width < 3)
    badInput({ what: "the size of images", got: [height, width], allowed: "at least 3 by 3 pixels" });
  const edges = grey.map((image) => sobel(image));
  return read.map((map, i) => correlation(inner(map).map(Math.abs), edges[edges.length === 1 ? 0 : i].values));
}

/** Without the outermost row and column on each side. */
function inner({ height, width, values }: PlainMap): Float32Array {
  const kept = new Float32Array((height - 2) * (width - 2));
  for (let y = 1; y < height - 1; y++)
    kept.set(values.subarray(y * width + 1, (y + 1) * width - 1), (y - 1) * (width - 2));
  return kept;
}
