import { facts, promises } from "./garments-occluded";
import { describeExecuted } from "./sheet-harness";

describeExecuted(facts, promises);
