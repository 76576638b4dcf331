import { correctBatchNorm } from "./batch-norm";
import { correctComparisons } from "./comparison";
import { correctDilatedConvolutions } from "./dilated-conv";
import { countLeakyRectifiers } from "./leaky";
import { correctMaxTies } from "./max-ties";
import { correctMirrorPad } from "./mirror-pad";
import { correctOnePiece } from "./one-piece";
import { correctPools } from "./pool";
import { refuseWrongGradients } from "./refused";
import { correctRelu, correctRelu6 } from "./relu";

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
