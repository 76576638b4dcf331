import { expect } from "chai";
import { printed } from "./course";
import { facts, promises } from "./visualized-features";
import { describeExecuted } from "./sheet-harness";

describeExecuted(facts, (run) => {
  promises(run);

  it("asks every network about every network's dreams", () => {
    const networks = /Networks: (.*?)[.(]/.exec(printed(run(), "setup"))![1].trim().split(", ");
    const rows = printed(run(), "others").trim().split("\n");
    expect(rows).to.have.length(networks.length * (networks.length + 1));
  });
});
