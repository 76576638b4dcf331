import { dispatch } from "./dispatch";

// `npx vitrine … | head` closes the pipe early: no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

void dispatch(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
