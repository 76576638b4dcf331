// What is done to an image that does not fit the network, and whether it is of a kind that the network never saw: in
// words, since the result looks like any other.
import { basename } from "node:path";
import { coveringSize } from "../data/resize";
import type { VisionModel } from "../model/vision-model";

/** A picture, or an array of which the shape alone is looked at. */
interface Seen {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** From 0 to 255. */
  readonly data?: Uint8Array;
}

/**
 * A `note: …` on what was done to the image, a `warning: …` where the network knows nothing of its kind; none where it
 * fits.
 * @param seen as it is in the file
 */
export function imageNotes(file: string, seen: Seen, model: VisionModel): string[] {
  const [height, width, channels] = model.inputShape,
    name = basename(file),
    colourful = isColourful(seen),
    grey = channels === 1 && colourful;
  const [tall, wide] = coveringSize(seen, height, width),
    resized = tall !== seen.height || wide !== seen.width,
    cut = tall !== height || wide !== width;
  const done = [
    ...(resized ? [`made ${tall} × ${wide}${tall > seen.height ? ", which adds no detail" : ""}`] : []),
    ...(cut ? [`the middle ${height} × ${width} taken, ${percent(1 - (height * width) / (tall * wide))} cut off`] : []),
    ...(grey ? ["its colours turned to grey"] : []),
  ];
  const kind = (inGrey: boolean): string => (inGrey ? " in grey" : "");
  const notes =
    done.length === 0
      ? []
      : [
          `note: ${name} is ${seen.height} × ${seen.width}${grey ? " in colour" : ""}, ${model.name} takes ` +
            `${height} × ${width}${kind(grey)}: ${done.join("; ")}.`,
        ];
  const strange = knowsGarments(model) ? strangeToGarments(seen, colourful) : undefined;
  return strange === undefined
    ? notes
    : [
        ...notes,
        `warning: ${name} ${strange}; ${model.name} saw grey garments, bright on black, of 28 × 28 and nothing else: ` +
          `what it says means little. For photographs there is squeezenet1_1.`,
      ];
}

const percent = (share: number): string => `${Math.max(1, Math.round(100 * share))} %`;

/** The names of Fashion-MNIST's classes tell, whoever trained the network. */
const knowsGarments = ({ classNames, inputShape }: VisionModel): boolean =>
  inputShape[2] === 1 && classNames.includes("Ankle boot");

/** How an image differs from all garments; undefined where it does not. */
function strangeToGarments(seen: Seen, colourful: boolean): string | undefined {
  if (colourful) return "is in colour";
  return seen.data && brightnessOfEdge(seen) > 128 ? "has a bright background" : undefined;
}

/** A channel that differs by less is noise, or JPEG's rounding. */
const TINT = 24;

/** Whether more than one pixel in a hundred has a colour. */
function isColourful({ height, width, channels, data }: Seen): boolean {
  if (channels !== 3 || !data) return false;
  let coloured = 0;
  for (let i = 0; i < data.length; i += 3) {
    const [red, green, blue] = [data[i], data[i + 1], data[i + 2]];
    if (Math.max(red, green, blue) - Math.min(red, green, blue) > TINT) coloured++;
  }
  return coloured > 0.01 * height * width;
}

/** The mean of the outermost pixels, from 0 to 255. */
function brightnessOfEdge({ height, width, channels, data }: Seen): number {
  let sum = 0,
    count = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (y > 0 && y < height - 1 && x > 0 && x < width - 1) continue;
      for (let c = 0; c < channels; c++, count++) sum += data![(y * width + x) * channels + c];
    }
  return sum / count;
}
