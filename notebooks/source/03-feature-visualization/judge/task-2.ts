import { rolled, type Shift } from "vitrine-course/dist/checks/ascent-reference";
import { colourShape } from "vitrine-course/dist/checks/pictures";
import { rollMistake } from "vitrine-course/dist/checks/roll";
import { AnswerWrong, defineTask, difference, mapsOf, type Random, type Student } from "vitrine/judge";

async function compare(student: Student, { uniform }: Random, shift: Shift): Promise<void> {
  const pictures = [0, 1].map(() =>
      Array.from({ length: colourShape.reduce((size, side) => size * side, 1) }, () => Math.fround(uniform())),
    ),
    whole = [2, ...colourShape];
  const got = mapsOf(await student.call("myRoll", [student.tensor(whole, pictures.flat()), ...shift]), whole);
  if (
    difference(
      got,
      pictures.map((picture) => rolled(picture, shift)),
    ) > 1e-6
  )
    throw new AnswerWrong(`With down ${shift[0]} and right ${shift[1]}: ${rollMistake(got, pictures, shift)}`);
}

const [height, width] = colourShape;
const within = ({ integer }: Random, most: number): number => 1 + integer(most - 1);
/** Down and right, drawn until exchanging them makes a difference. */
function apart(random: Random): [down: number, right: number] {
  const down = within(random, height),
    right = within(random, width);
  return (down - right) % height === 0 || (down - right) % width === 0 ? apart(random) : [down, right];
}

export default defineTask({
  task: "task-2",
  points: "check-2",
  functions: ["myRoll"],
  teaches: ["transforms", "classVisualization", "maximize"],
  parts: [
    {
      name: "down and to the right, and not at all",
      points: 1,
      test: async ({ student, random }) => {
        await compare(student, random, apart(random));
        for (const shift of [
          [0, within(random, width)],
          [within(random, height), 0],
          [0, 0],
        ] as const)
          await compare(student, random, shift);
      },
    },
    {
      name: "up and to the left, and by more than the image",
      points: 1,
      test: async ({ student, random }) => {
        const [up, left] = apart(random),
          [down, right] = apart(random);
        await compare(student, random, [-up, -left]);
        for (const times of [1, 3]) await compare(student, random, [down + times * height, right + times * width]);
        for (const times of [1, 3]) await compare(student, random, [-up - times * height, -left - times * width]);
      },
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 2,
      code: `import { transforms } from "vitrine";
function myRoll(x: tf.Tensor4D, down: number, right: number) {
  return (transforms.jitter(
    Math.max(Math.abs(down), Math.abs(right))) as unknown as (x: tf.Tensor4D) => tf.Tensor4D)(x);
}`,
    },
    { name: "rows and columns exchanged", losesAtLeast: 2, code: roll("right % height", "down % width") },
    { name: "the other way", losesAtLeast: 2, code: roll("down % height", "right % width", "row", "column") },
    {
      name: "down and to the right only",
      losesAtLeast: 1,
      code: `function myRoll(x: tf.Tensor4D, down: number, right: number) {
  const [, height, width] = x.shape;
  const rows = tf.concat([x.slice([0, height - down], [-1, down]), x.slice([0, 0], [-1, height - down])], 1);
  return tf.concat([rows.slice([0, 0, width - right], [-1, -1, right]),
    rows.slice([0, 0, 0], [-1, -1, width - right])], 2);
}`,
    },
    {
      name: "shifts larger than the image are not thought of",
      losesAtLeast: 1,
      code: cut("down > 0 ? height - down : -down", "right > 0 ? width - right : -right"),
    },
    {
      name: "right for shifts up to twice the image",
      losesAtLeast: 1,
      code: cut("(2 * height - down) % height", "(2 * width - right) % width"),
    },
    {
      name: "black comes in",
      losesAtLeast: 2,
      code: `function myRoll(x: tf.Tensor4D, down: number, right: number) {
  const [, height, width] = x.shape, up = Math.max(0, -down), left = Math.max(0, -right);
  const padded = tf.pad(x, [[0, 0], [Math.max(0, down), up], [Math.max(0, right), left], [0, 0]]);
  return padded.slice([0, up, left, 0], [-1, height, width, -1]);
}`,
    },
  ],
});

/** The solution, cut at another row and column. */
function cut(row: string, column: string): string {
  return `function myRoll(x: tf.Tensor4D, down: number, right: number) {
  const [, height, width] = x.shape, row = ${row}, column = ${column};
  const rows = tf.concat([x.slice([0, row], [-1, height - row]), x.slice([0, 0], [-1, row])], 1);
  return tf.concat([rows.slice([0, 0, column], [-1, -1, width - column]), rows.slice([0, 0, 0], [-1, -1, column])], 2);
}`;
}

/** The solution, with its shifts exchanged for others. */
function roll(
  down: string,
  right: string,
  row = "(height - row) % height",
  column = "(width - column) % width",
): string {
  return `function myRoll(x: tf.Tensor4D, down: number, right: number) {
  return tf.tidy(() => {
    const [, height, width] = x.shape, row = ((${down}) + height) % height, column = ((${right}) + width) % width;
    const r = ${row}, c = ${column};
    const rows = tf.concat([x.slice([0, r], [-1, height - r]), x.slice([0, 0], [-1, r])], 1);
    return tf.concat([rows.slice([0, 0, c], [-1, -1, width - c]), rows.slice([0, 0, 0], [-1, -1, c])], 2);
  });
}`;
}
