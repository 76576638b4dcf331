import { badInput } from "../core/errors";
import { bySign, reduceMaps, signOf, type MapReading, type Sign } from "./map-values";
import { checkCount, checkSameSize, readPictures, type Picture, type Pictures } from "./pictures";

/** Maps of one value a pixel, one for each image. */
export interface Method {
  name: string;
  maps: readonly Picture[];
  sign: Sign;
}

/** Reads the maps of several methods. @param together one sign for all @throws BadInputError */
export async function readMethods(
  maps: Readonly<Record<string, Pictures>>,
  images: readonly Picture[],
  options: MapReading & { signs?: Readonly<Record<string, Sign>> },
  together: boolean,
): Promise<Method[]> {
  const names = typeof maps === "object" && maps !== null && !Array.isArray(maps) ? Object.keys(maps) : [];
  if (names.length === 0)
    badInput({
      what: "maps",
      got: maps,
      allowed: "an object with the maps of each method by its name",
      remedy: "For instance { saliency: await saliency(model, images) }.",
    });
  const unknown = Object.keys(options.signs ?? {}).find((name) => !names.includes(name));
  if (unknown !== undefined)
    badInput({ what: "a name in signs", got: unknown, allowed: names.map((name) => `"${name}"`).join(", ") });
  const read = await Promise.all(names.map((name) => readPictures(maps[name], `maps.${name}`)));
  read.forEach((ofMethod, m) => {
    checkCount(ofMethod.length, images.length, `maps.${names[m]}`, "images");
    ofMethod.forEach((map, i) => checkSameSize(map, images[i], `maps.${names[m]}[${i}]`));
  });
  const single = await Promise.all(read.map((maps) => reduceMaps(maps, options)));
  const common = together ? signOf(single, options) : undefined;
  return names.map((name, m) => {
    const sign = common ?? signOf([single[m]], { sign: options.signs?.[name] ?? options.sign });
    return { name, sign, maps: bySign(single[m], sign) };
  });
}
