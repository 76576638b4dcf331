import { missing, sheets } from "./course";
import { describeRelease } from "./handed-out";

describe("notebooks: releases", function () {
  this.timeout(300_000);
  before(function () {
    if (missing()) this.skip();
  });

  // Sheets 0 and 4 are looked at in every run.
  for (const sheet of sheets().filter((name) => !/^0[04]-/.test(name))) describeRelease(sheet);
});
