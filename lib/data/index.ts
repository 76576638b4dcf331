export {
  fashionClassNames,
  loadFashionMnist,
  readFashionMnist,
  type FashionBytes,
  type FashionMnistOptions,
} from "./fashion-mnist";
export { loadFlowerPhotograph, openFlowers } from "./flowers";
export { readIdx } from "./idx";
export {
  fromTensor,
  loadImage,
  loadImages,
  pixelsToTensor,
  readImage,
  tensorToPixels,
  toTensor,
  type LoadImageOptions,
} from "./image";
export { canvas, type CanvasChoice } from "./image-decoders";
export { encodePng, writePng, type Pixels } from "./image-files";
export { openImageFolder, type ImageFolder, type ImageFolderOptions, type ImageSet } from "./image-folder";
export type { SkippedImage } from "./image-store";
export { imagenetClassNames, loadImagenet, type ImagenetImages, type ImagenetOptions } from "./imagenet";
export type { LabelledImages } from "./labelled-images";
export type { DType, NdArray } from "./nd-array";
export { readNpy, readNpz, writeNpy, writeNpz, type Npz } from "./npy";
export { MissingDataError, obtain, type Obtained, type ObtainedFile, type ObtainOptions } from "./obtain";
export { readPth, type PthOptions } from "./pth";
export {
  describeRegistry,
  places,
  registry,
  registryEntry,
  type EntryKind,
  type EntryState,
  type Places,
  type RegistryEntry,
  type Source,
} from "./registry";
export { centreCrop, fit, resize, resizeShorterSide } from "./resize";
export { readSafetensors, writeSafetensors } from "./safetensors";
