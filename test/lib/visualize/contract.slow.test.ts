import { forEachBackend } from "../../helpers/backends";
import { visualizationContract } from "./contract";

forEachBackend(visualizationContract, ["tensorflow"]);
