import { MissingDataError } from "../../lib/data/obtain";
import { check } from "./check";
import { NoReferenceError } from "./oracle";
import { questions } from "./questions";

const known = questions.map(({ name }) => name).join(", ");
const usage = `Usage: npm run oracles [-- NAMES] [--write]

Asks PyTorch, Captum and Foolbox once more for the answers that tests compare with (test/oracles), and fails where they
differ from those kept. NAMES: ${known} (all without names).
  --write   keeps what they answer now, whatever was kept
Needs npm run setup -- --with bench, or a Python with PyTorch in VITRINE_PYTHON.`;

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return console.log(usage);
  const write = args.includes("--write"),
    names = args.filter((each) => each !== "--write");
  const unknown = names.find((name) => !questions.some((question) => question.name === name));
  if (unknown !== undefined) {
    console.error(`npm run oracles knows no "${unknown}"; allowed: ${known}, --write.`);
    process.exitCode = 2;
    return;
  }
  let differs = false;
  for (const question of questions.filter(({ name }) => names.length === 0 || names.includes(name))) {
    try {
      const { wrong, summary } = await check(question, { write });
      console.log(`${question.name}: ${summary}`);
      for (const line of wrong) console.error(`  WRONG ${question.name}: ${line}`);
      differs ||= wrong.length > 0;
    } catch (error) {
      if (error instanceof MissingDataError) console.log(`${question.name}: not asked. ${error.message}`);
      else if (error instanceof NoReferenceError) {
        console.error(`${question.name}: ${error.message}`);
        process.exitCode = 1;
      } else throw error;
    }
  }
  if (!differs) return;
  console.error("Where the new answers are right: npm run oracles -- --write keeps them.");
  process.exitCode = 1;
}

void main(process.argv.slice(2));
