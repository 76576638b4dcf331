import {
  correctBatchNorm,
  correctComparisons,
  correctMirrorPad,
  correctOnePiece,
  refuseWrongGradients,
} from "./missing";
import { correctDilatedConvolutions } from "./dilated-convolutions";
import { countLeakyRectifiers, correctRelu, correctRelu6 } from "./rectifiers";
import { correctMaxTies, correctPools } from "./max-and-pools";

/** Puts right what TF.js 4.22.0 gets wrong on every backend. Repeating it changes nothing. */
export function installGradients(): void {
  correctRelu();
  correctRelu6();
  countLeakyRectifiers();
  correctMirrorPad();
  correctMaxTies();
  correctPools();
  correctOnePiece();
  correctDilatedConvolutions();
  correctBatchNorm();
  correctComparisons();
  refuseWrongGradients();
}
