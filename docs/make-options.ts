// Makes docs/options.md of the declarations of the options: npx tsx docs/make-options.ts
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { attackOptions } from "../lib/attack/attack";
import { attackMethods } from "../lib/attack/methods";
import { attributionOptions } from "../lib/attribution/attribution";
import { attributionMethods } from "../lib/attribution/methods";
import { precisionSetting } from "../lib/backend/engine/precision";
import { backendSetting } from "../lib/backend/engine/select";
import { compileOptions } from "../lib/backend/graph/compile";
import { saveGraphOptions } from "../lib/backend/graph/save-graph";
import { allowedWords, defaultWords, without, type AnySchema, type Option } from "../lib/core/options";
import { fashionMnistOptions } from "../lib/data/fashion-mnist";
import { openFlowersOptions } from "../lib/data/flowers";
import { loadImageOptions } from "../lib/data/image";
import { imageFolderOptions } from "../lib/data/image-folder";
import { imagenetOptions } from "../lib/data/imagenet";
import { pthOptions } from "../lib/data/pth";
import { energyOptions } from "../lib/metrics/energy-pointing-game";
import { localizeOptions } from "../lib/metrics/localize";
import { reductionOptions } from "../lib/metrics/read-maps";
import { fromGraphModelOptions, fromLayersModelOptions } from "../lib/model/adapters";
import { deepNetworkOptions } from "../lib/model/architectures/deep-network";
import { fromWeightsOptions } from "../lib/model/from-weights";
import { loadModelOptions } from "../lib/model/load-model";
import { networkOptions } from "../lib/model/network-options";
import { saveModelOptions } from "../lib/model/save-model";
import { predictOptions } from "../lib/model/vision-model";
import { animationOptions } from "../lib/plot/animation";
import { attributionGridOptions } from "../lib/plot/attribution-grid";
import { attributionMapOptions } from "../lib/plot/attribution-map";
import { attributionStripOptions } from "../lib/plot/attribution-strip";
import { beforeAfterOptions } from "../lib/plot/before-after";
import { boundingBoxesOptions } from "../lib/plot/bounding-boxes";
import { channelGridOptions } from "../lib/plot/channel-grid";
import { exploreOptions } from "../lib/plot/explore";
import { featureBarsOptions } from "../lib/plot/feature-bars";
import { exportMp4Options, exportOptions } from "../lib/plot/film/export";
import { filmOptions, recordingFilmOptions } from "../lib/plot/film/recording-film";
import { filmstripOptions } from "../lib/plot/filmstrip";
import { imageGridOptions } from "../lib/plot/image-grid";
import { maskOverlayOptions } from "../lib/plot/mask-overlay";
import { perturbationGridOptions } from "../lib/plot/perturbation-grid";
import { probabilityBarsOptions } from "../lib/plot/probability-bars";
import { robustnessCurveOptions } from "../lib/plot/robustness-curve";
import { seriesAttributionOptions } from "../lib/plot/series-attribution";
import { renderOptions } from "../lib/plot/show";
import { textHighlightsOptions } from "../lib/plot/text-highlights";
import {
  adversariesThroughTrainingOptions,
  measureAdversariesOptions,
} from "../lib/training/adversaries-through-training";
import { augmentOptions } from "../lib/training/augment";
import { integrateOverTrainingOptions } from "../lib/training/integrate-over-training";
import { recordTrainingOptions } from "../lib/training/record-training";
import { trainOptions } from "../lib/training/train";
import { adversarialOptions } from "../lib/training/training-step";
import { fourierOptions, pixelsOptions } from "../lib/visualize/parametrizations";
import { alignmentOptions, blurOptions, criticOptions } from "../lib/visualize/regularizers";
import { visualizeMethods } from "../lib/visualize/methods";

type Section = readonly [title: string, options: AnySchema];

type Named = readonly [name: string, work: { readonly name: string }, options: AnySchema];
const titled = (methods: readonly Named[]): Section[] =>
  methods.map(([name, work, options]) => [`\`${work.name}\`, on the command line \`${name}\``, options]);
const attributions = Object.entries(attributionMethods).map(([name, method]): Named => [
  name,
  method.explain,
  method.options,
]);
const attacks = Object.entries(attackMethods).map(([name, method]): Named => [name, method.attack, method.options]);

const called = (sections: Readonly<Record<string, AnySchema>>): Section[] =>
  Object.entries(sections).map(([names, options]) => [names.replace(/^[\w.]+(, [\w.]+(?=,|$))*/, code), options]);
/** `a, b` as code, one by one. */
const code = (names: string): string => names.replace(/[\w.]+/g, "`$&`");

interface Common {
  /** What stands above their table. */
  readonly says?: string;
  readonly options: AnySchema;
}

/** One table a method; options that several have come first, and once. */
function chapter(title: string, common: Common | undefined, sections: readonly Section[]): string {
  const rest = sections.map(([name, options]): Section => {
    const own = Object.entries(options).filter(([option, declared]) => common?.options[option] !== declared);
    return [name, Object.fromEntries(own)];
  });
  return [
    `## ${title}`,
    ...(common ? [`${common.says ?? "Every one of them takes"}\n\n${table(common.options)}`] : []),
    ...rest.map(([name, own]) => `### ${name}\n\n${Object.keys(own).length > 0 ? table(own) : "No others."}`),
  ].join("\n\n");
}

function table(options: AnySchema): string {
  const rows = Object.entries(options).map(([name, option]) => [
    `\`${name}\``,
    option.help,
    allowedIn(option),
    defaultWords(option) ?? "required",
  ]);
  return [["option", "what it is", "allowed", "default"], ["---", "---", "---", "---"], ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

const allowedIn = (option: Option): string =>
  option.unit === undefined ? allowedWords(option) : `${allowedWords(option)}; ${option.unit}`;

export function optionsPage(): string {
  return `${[
    "# Options",
    "What each function takes, made from the declarations that check it (`npx tsx docs/make-options.ts`). Most " +
      "options\nof methods are flags of the command line, too: `maxIterations` is `--max-iterations`, and\n" +
      "`npx vitrine explain --help` lists them.",
    chapter("Attribution", { options: attributionOptions }, titled(attributions)),
    chapter("Attack", { options: attackOptions }, titled(attacks)),
    chapter(
      "Visualization",
      undefined,
      Object.values(visualizeMethods).map(({ visualize, options }) => [`\`${visualize.name}\``, options]),
    ),
    chapter(
      "Parts of a visualization",
      undefined,
      called({
        "parametrizations.fourier": fourierOptions,
        "parametrizations.pixels": pixelsOptions,
        "regularizers.blur": blurOptions,
        "regularizers.alignment": alignmentOptions,
        "regularizers.critic": criticOptions,
      }),
    ),
    chapter(
      "Metrics",
      undefined,
      called({ localize: localizeOptions, energyPointingGame: energyOptions, edgeCorrelation: reductionOptions }),
    ),
    chapter(
      "Models",
      {
        says:
          "What is said of a network, where its files do not say it: `loadModel`, `fromLayersModel` and " +
          "`fromGraphModel` take",
        options: networkOptions,
      },
      called({
        loadModel: loadModelOptions,
        fromLayersModel: fromLayersModelOptions,
        fromGraphModel: fromGraphModelOptions,
        fromWeights: fromWeightsOptions,
        "model.predict": predictOptions,
        saveModel: saveModelOptions,
        deepNetwork: deepNetworkOptions,
        compile: compileOptions,
        "save, of what compile returns": saveGraphOptions,
      }),
    ),
    chapter(
      "Engine",
      {
        says: "Variables of the environment, read when `vitrine` is imported",
        options: { VITRINE_BACKEND: backendSetting, VITRINE_PRECISION: precisionSetting },
      },
      [],
    ),
    chapter(
      "Data",
      undefined,
      called({
        loadFashionMnist: fashionMnistOptions,
        loadImagenet: imagenetOptions,
        "loadImage, loadImages, loadFlowerPhotograph": loadImageOptions,
        openImageFolder: imageFolderOptions,
        "openFlowers: as openImageFolder, but for": { seed: openFlowersOptions.seed, group: openFlowersOptions.group },
        readPth: pthOptions,
      }),
    ),
    chapter(
      "Training",
      {
        says: "What a training takes, whatever is done beside it",
        options: without(trainOptions, "checkpointDir", "onMinibatch"),
      },
      called({
        recordTraining: recordTrainingOptions,
        integrateOverTraining: integrateOverTrainingOptions,
        adversariesThroughTraining: adversariesThroughTrainingOptions,
        measureAdversaries: measureAdversariesOptions,
        "augment, of a training": augmentOptions,
        "adversarial, of a training": adversarialOptions,
      }),
    ),
    chapter(
      "Plots",
      undefined,
      called({
        imageGrid: imageGridOptions,
        attributionMap: attributionMapOptions,
        attributionGrid: attributionGridOptions,
        attributionStrip: attributionStripOptions,
        maskOverlay: maskOverlayOptions,
        boundingBoxes: boundingBoxesOptions,
        beforeAfter: beforeAfterOptions,
        perturbationGrid: perturbationGridOptions,
        probabilityBars: probabilityBarsOptions,
        explore: exploreOptions,
        featureBars: featureBarsOptions,
        seriesAttribution: seriesAttributionOptions,
        textHighlights: textHighlightsOptions,
        channelGrid: channelGridOptions,
        robustnessCurve: robustnessCurveOptions,
        filmstrip: filmstripOptions,
        animation: animationOptions,
        renderPng: renderOptions,
      }),
    ),
    chapter(
      "Films of a recording",
      { options: filmOptions },
      called({ recordingFilm: recordingFilmOptions, exportGif: exportOptions, exportMp4: exportMp4Options }),
    ),
  ].join("\n\n")}\n`;
}

if (require.main === module) writeFileSync(join(__dirname, "options.md"), optionsPage());
