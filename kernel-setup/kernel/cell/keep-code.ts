// Run by set-up: keeps TypeScript's code compiled, as far as the first cells need it.
import { collectOften } from "../shared/heap";
import { home } from "../shared/home";
import { keepCode } from "./code-cache";
import { complete, inspectAt } from "./complete";
import { Compiler } from "./compiler";
import { Tslab, typescriptFile } from "./tslab";

collectOften();
process.chdir(home.root);
keepCode(typescriptFile(), home.compiledCode, () => {
  const compiler = new Compiler(new Tslab());
  const cells = ["1 + 1", "const a = [1].map((x) => x + 1);\na", 'import * as fs from "fs";\nfs.existsSync(".")'];
  for (const [i, cell] of cells.entries()) compiler.compile("", cell, `In [${i}]`);
  complete(compiler, "", "Math.flo", 8);
  inspectAt(compiler, "", "parseInt", 4);
});
