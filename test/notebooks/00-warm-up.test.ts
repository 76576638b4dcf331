import { describeExecuted } from "./sheet-harness";
import { facts, promises } from "./warm-up";

describeExecuted(facts, promises);
