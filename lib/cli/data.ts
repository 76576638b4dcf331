import { registryCommand } from "./registry-command";

export const summary = "list, get and verify data sets";

export const run = registryCommand("data", "data");
