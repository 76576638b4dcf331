// A figure with a slider above it: the kernel draws it again for each value that it is moved to.
import * as tf from "@tensorflow/tfjs";
import { randomUUID } from "node:crypto";
import { badInput, InterruptedError } from "../core/errors";
import { checkOptions, number, text, type Schema } from "../core/options";
import { escapeHtml } from "../core/text";
import { notebookHost, whenCutOff, type MimeBundle, type NotebookHost } from "../runtime/host";
import type { Figure } from "./figure";
import { mimeBundle, show } from "./show";
import { checkFigure } from "./shown-figure";
import { slider, type Scale } from "./slider";

export interface ExploreOptions {
  /** What the number is, for people: `steps`. */
  label: string;
  /** The least value. */
  min: number;
  /** The greatest value. Number above `min`. */
  max: number;
  /** From one value to the next. Number above 0. Default: a hundredth of the range. */
  step?: number;
  /** The first value, which is drawn at once. Number from `min` to `max`. Default: `min`. */
  value?: number;
  /** What the number is measured in, written behind it: `pixels`. Default: none. */
  unit?: string;
}

export const exploreOptions = {
  label: text({ words: "a text", required: true, help: "what the number is, for people" }),
  min: number({ required: true, help: "the least value" }),
  max: number({ required: true, help: "the greatest value, above min" }),
  step: number({ above: 0, rule: "a hundredth of the range", help: "from one value to the next" }),
  value: number({ rule: "min", help: "the first value, which is drawn at once; from min to max" }),
  unit: text({ words: "a text", help: "what the number is measured in, written behind it" }),
} satisfies Schema<ExploreOptions>;

/**
 * Shows the figure of a number, and above it a slider that draws it again for other numbers, as long as the kernel
 * runs: one figure at a time, the newest value wins. What a draw throws stands in the figure's place; an interrupt
 * stops it. Its tensors are disposed of, but for those that were there before or are kept. In a saved notebook, an
 * exported page and outside of notebooks it is an ordinary figure: of the value drawn last, or of the first.
 * @param draw the figure for a value; it takes a second at most, or moving the slider is no fun
 * @throws BadInputError for numbers that do not fit together; what the first draw throws
 * @example await explore({ label: "steps", min: 1, max: 64, step: 1, value: 8 }, async (steps) =>
 *   attributionMap(await integratedGradients(model, image, { steps })));
 */
export async function explore(
  options: ExploreOptions,
  draw: (value: number) => Figure | Promise<Figure>,
): Promise<void> {
  const scale = checkedScale(options);
  if (typeof draw !== "function")
    badInput({ what: "draw", got: draw, allowed: "a function from a number to a figure" });
  const first = await drawn(draw, scale.value);
  const host = notebookHost();
  if (!host?.comms) return show(first);
  const displayId = `vitrine-explore-${randomUUID()}`;
  slider(
    host,
    scale,
    newestOf(scale, draw, (bundle) => host.display(bundle, {}, { displayId, update: true })),
  );
  host.display(await mimeBundle(first), {}, { displayId });
}

function checkedScale(options: ExploreOptions): Scale {
  const { label, min, max, unit = "", ...given } = checkOptions(exploreOptions, options);
  if (!(min < max)) badInput({ what: "max", got: max, allowed: `a number above min, which is ${min}` });
  const { step = (max - min) / 100, value = min } = given;
  if (value < min || value > max) badInput({ what: "value", got: value, allowed: `a number from ${min} to ${max}` });
  return { label, min, max, step, value, unit };
}

/** `σ = 0.5`, `window = 4 pixels` */
const inWords = ({ label, unit }: Pick<Scale, "label" | "unit">, value: number): string =>
  `${label} = ${Number(value.toPrecision(6))}${unit && ` ${unit}`}`;

/**
 * Draws one value after the other; of those that come meanwhile only the newest.
 * @returns to be called with a value; `done` is called when its figure, or why there is none, is shown
 */
function newestOf(
  scale: Scale,
  draw: (value: number) => Figure | Promise<Figure>,
  put: (bundle: MimeBundle) => void,
): (value: number, done: (value: number) => void) => void {
  let wanted: number | undefined, drawing: object | undefined;
  async function work(done: (value: number) => void): Promise<void> {
    while (wanted !== undefined && !drawing) {
      const value = wanted,
        mine = (drawing = {});
      wanted = undefined;
      const put1 = (bundle: MimeBundle): void => {
        // After it was cut off another may draw already.
        if (drawing !== mine) return;
        put(bundle);
        drawing = undefined;
        done(value);
      };
      const whole = whenCutOff(() => put1(why(scale, value, new InterruptedError("Interrupted."))), "any");
      try {
        put1(await mimeBundle(await drawn(draw, value)));
      } catch (error) {
        put1(why(scale, value, error));
      } finally {
        whole();
      }
    }
  }
  return (value, done) => {
    wanted = value;
    void work(done);
  };
}

/** In the figure's place. */
function why(scale: Scale, value: number, thrown: unknown): MimeBundle {
  const said = thrown instanceof Error ? thrown.message : String(thrown),
    words = `No figure for ${inWords(scale, value)}: ${said}`;
  return {
    "text/plain": words,
    "text/html": `<p role="alert" style="white-space: pre-wrap; color: var(--jp-error-color1, #b00020)">${escapeHtml(
      words,
    )}</p>`,
  };
}

/**
 * Draws, and disposes of the tensors that came about meanwhile and are not kept. A cell may run while a draw waits:
 * what it makes is left alone.
 */
async function drawn(draw: (value: number) => Figure | Promise<Figure>, value: number): Promise<Figure> {
  const engine = tf.engine(),
    host: NotebookHost | undefined = notebookHost(),
    signal = host?.signal;
  engine.startScope("explore");
  const { scopeStack } = engine.state,
    scope = scopeStack[scopeStack.length - 1],
    tracked = scope.track;
  tracked.push = (...tensors) =>
    host?.signal === signal ? Array.prototype.push.apply(tracked, tensors) : tracked.length;
  try {
    const figure = await draw(value);
    checkFigure(figure);
    return figure;
  } finally {
    // An interrupt ends all scopes.
    if (scopeStack[scopeStack.length - 1] === scope) engine.endScope();
  }
}
