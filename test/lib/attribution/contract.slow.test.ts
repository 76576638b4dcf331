import { forEachBackend } from "../../helpers/backends";
import { attributionContract } from "./contract";

forEachBackend(attributionContract, ["tensorflow"]);
