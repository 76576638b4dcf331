import { dispatch } from "./dispatch";

// `npx vitrine … | head` closes the pipe early: no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  // Into a file on a disk that is full.
  process.stderr.write(`vitrine: What is said cannot be written: ${error.code ?? error.message}.\n`);
  process.exit(1);
});

void dispatch(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
