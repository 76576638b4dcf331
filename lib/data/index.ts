// The library's front door to data: what `vitrine` passes on.
export { fashionClassNames, loadFashionMnist, type FashionMnistOptions } from "./fashion-mnist";
export { loadFlowerPhotograph, openFlowers, type FlowersOptions } from "./flowers";
export { readIdx } from "./idx";
export { fromTensor, loadImage, loadImages, readImage, tensorToPixels, toTensor, type LoadImageOptions } from "./image";
export { encodePng, writePng, type Pixels } from "./image-files";
export { openImageFolder, type ImageFolder, type ImageFolderOptions, type ImageSet } from "./image-folder";
export type { SkippedImage } from "./image-store";
export { imagenetClassNames } from "./imagenet-classes";
export { loadImagenet, type ImagenetImages, type ImagenetOptions } from "./imagenet";
export type { LabelledImages } from "./labelled-images";
export type { NdArray } from "./nd-array";
export { readNpy, readNpz, writeNpy, writeNpz, type Npz } from "./npy";
export { MissingDataError } from "./obtain";
export { readPth } from "./pth";
export { describeRegistry, type EntryState } from "./registry";
export { readSafetensors, writeSafetensors } from "./safetensors";
