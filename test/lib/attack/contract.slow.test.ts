import { forEachBackend } from "../../helpers/backends";
import { attackContract } from "./contract";

forEachBackend(attackContract, ["tensorflow"]);
