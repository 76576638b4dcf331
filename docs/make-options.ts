// Makes docs/options.md of the declarations of the options: npx tsx docs/make-options.ts
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { attackOptions } from "../lib/attack/attack";
import { attackMethods } from "../lib/attack/methods";
import { attributionOptions } from "../lib/attribution/attribution";
import { attributionMethods } from "../lib/attribution/methods";
import { allowedWords, defaultWords, type AnySchema, type Option } from "../lib/core/options";
import { energyOptions } from "../lib/metrics/energy-pointing-game";
import { localizeOptions } from "../lib/metrics/localize";
import { reductionOptions } from "../lib/metrics/read-maps";
import { alignmentOptions, criticOptions, blurOptions } from "../lib/visualize/regularizers";
import { fourierOptions, pixelsOptions } from "../lib/visualize/parametrizations";
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

/** One table a method; the options that all have come first, and once. */
function chapter(title: string, common: AnySchema | undefined, sections: readonly Section[]): string {
  const rest = sections.map(([name, options]): Section => {
    const own = Object.entries(options).filter(([option, declared]) => common?.[option] !== declared);
    return [name, Object.fromEntries(own)];
  });
  return [
    `## ${title}`,
    ...(common ? [`Every one of them takes\n\n${table(common)}`] : []),
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
    "What each function takes, made from the declarations that check it (`npx tsx docs/make-options.ts`). Most options are flags " +
      "of the command line, too: `maxIterations` is `--max-iterations`, and `npx vitrine explain --help` lists them.",
    chapter("Attribution", attributionOptions, titled(attributions)),
    chapter("Attack", attackOptions, titled(attacks)),
    chapter(
      "Visualization",
      undefined,
      Object.values(visualizeMethods).map(({ visualize, options }) => [`\`${visualize.name}\``, options]),
    ),
    chapter("Parts of a visualization", undefined, [
      ["`parametrizations.fourier`", fourierOptions],
      ["`parametrizations.pixels`", pixelsOptions],
      ["`regularizers.blur`", blurOptions],
      ["`regularizers.alignment`", alignmentOptions],
      ["`regularizers.critic`", criticOptions],
    ]),
    chapter("Metrics", undefined, [
      ["`localize`", localizeOptions],
      ["`energyPointingGame`", energyOptions],
      ["`edgeCorrelation`", reductionOptions],
    ]),
  ].join("\n\n")}\n`;
}

if (require.main === module) writeFileSync(join(__dirname, "options.md"), optionsPage());
