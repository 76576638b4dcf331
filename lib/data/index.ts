export { describeRegistry, type EntryState } from "./describe";
export { loadFashionMnist, readFashionMnist, type FashionBytes, type FashionMnistOptions } from "./fashion-mnist";
export { fashionClassNames } from "./fashion-class-names";
export { FileError } from "./file-error";
export type { LabelledImages } from "./labelled-images";
export { MissingDataError, obtain, type Obtained, type ObtainedFile, type ObtainOptions } from "./obtain";
export { places, type Places } from "./places";
export { registry, registryEntry, type EntryKind, type RegistryEntry, type Source } from "./registry";
