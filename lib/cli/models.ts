import { registryCommand } from "./registry-command";

export const summary = "list, get and verify models";

export const run = registryCommand("models", "model");
