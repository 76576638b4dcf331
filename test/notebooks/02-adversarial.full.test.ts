import { facts, promises } from "./adversarial-images";
import { describeExecuted } from "./sheet-harness";

describeExecuted(facts, promises);
