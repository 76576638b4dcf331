import { signedSum, type ChannelReduction } from "../core/tensors";
import { badInput } from "../core/errors";
import { checkBox, type Box } from "./box";
import { readMaps, type Maps } from "./read-maps";

export interface EnergyOptions {
  /** How the channels of a pixel become one value, of which what is above 0 counts. Default: `signedSum`. */
  channels?: ChannelReduction;
}

/**
 * The energy-based pointing game: which share of a map's mass lies in a box (Wang et al. 2020, "Score-CAM",
 * doi:10.1109/CVPRW50498.2020.00020, arXiv:1910.01279, section 4.3). Values below 0 count as 0. A map that is spread
 * evenly
 * has the box's share of the area.
 * @param maps an attribution, or values [batch, height, width, channels]. The channels of a pixel are added up with
 * their signs;
 *   `channels: maxAbs` asks where a map is strong, whatever its sign
 * @param boxes one for each map, or one for all, in the map's own pixels
 * @returns a share for each map, 0 to 1; 0 for a map without a value above 0
 * @throws BadInputError
 */
export async function energyPointingGame(
  maps: Maps,
  boxes: Box | readonly Box[],
  options: EnergyOptions = {},
): Promise<number[]> {
  const read = await readMaps(maps, { channels: options.channels ?? signedSum });
  const given = Array.isArray(boxes) ? (boxes as readonly Box[]) : [boxes as Box];
  if (given.length !== 1 && given.length !== read.length) {
    const allowed = read.length === 1 ? "1" : `1, or ${read.length}: one for each map`;
    badInput({ what: "the number of boxes", got: given.length, allowed });
  }
  return read.map(({ height, width, values }, map) => {
    const i = given.length === 1 ? 0 : map;
    const name = Array.isArray(boxes) ? `boxes[${i}]` : "boxes";
    const { top, left, bottom, right } = checkBox(given[i], name, [height, width]);
    let inside = 0,
      all = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const value = Math.max(0, values[y * width + x]);
        all += value;
        if (y >= top && y < bottom && x >= left && x < right) inside += value;
      }
    return all === 0 ? 0 : inside / all;
  });
}
