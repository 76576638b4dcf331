import { forEachBackend } from "../../helpers/backends";
import { attributionContract } from "./contract";

// Where so few numbers take a third of the time; on the native backend it is one of the slow tests.
forEachBackend(attributionContract, ["wasm"]);
