// Trains the generator of stand-in garments: `npx tsx models/fashion-standins/train.ts [--epochs N] [--seed N]`.
import { parseArgs } from "node:util";
import { ready } from "../../lib/backend";
import { garmentDecoder, garmentEncoder } from "../../lib/model/architectures/garment-decoder";
import { saveModel } from "../../lib/model/save-model";
import { terminalProgress } from "../../lib/training/train";
import { fitLatents, trainDecoder } from "../../lib/training/train-decoder";
import { writeLatents } from "../../lib/data/fashion-mnist";
import { fashionPixels, main } from "../training-run";

main(async () => {
  await ready();
  const { values } = parseArgs({
    options: { epochs: { type: "string", default: "8" }, seed: { type: "string", default: "1" } },
  });
  const seed = Number(values.seed),
    data = await fashionPixels("train");
  const decoder = garmentDecoder({ seed }),
    encoder = garmentEncoder({ seed });
  const progress = terminalProgress();
  let last = "";
  await trainDecoder(encoder, decoder, data, {
    epochs: Number(values.epochs),
    seed,
    onStep: (done, total, bound) => {
      last =
        `${done} of ${total} minibatches, bound ${bound.toFixed(1)} nats a picture, ` +
        `${progress.seconds().toFixed(0)} s`;
      if (done % 200 === 0) progress.epoch(last);
    },
  });
  await writeLatents(__dirname, await fitLatents(encoder, data, data.classNames.length));
  await saveModel(
    decoder,
    __dirname,
    { name: "fashion-standins", classNames: data.classNames },
    { quantization: "uint8" },
  );
  console.log(`fashion-standins: ${last}, ${decoder.countParams()} parameters.`);
});
