import { forEachBackend } from "../../helpers/backends";
import { visualizationContract } from "./contract";

// Where so few numbers take a third of the time; on the native backend it is one of the slow tests.
forEachBackend(visualizationContract, ["wasm"]);
