import { readFileSync } from "fs";

/** A Jupyter connection file. */
export interface ConnectionInfo {
  transport: "tcp" | "ipc";
  ip: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  key: string;
  signature_scheme: string;
}

/** Reads a connection file. @throws Error naming the file and what is wrong with it */
export function readConnectionFile(path: string): ConnectionInfo {
  let raw: Partial<ConnectionInfo>;
  try {
    raw = JSON.parse(readFileSync(path, "utf8")) as Partial<ConnectionInfo>;
  } catch (error) {
    throw new Error(`connection file ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  for (const field of ["ip", "shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"] as const) {
    if (raw[field] === undefined) throw new Error(`connection file ${path} has no ${field}`);
  }
  const info = { transport: "tcp", key: "", signature_scheme: "hmac-sha256", ...raw } as ConnectionInfo;
  if (info.transport !== "tcp" && info.transport !== "ipc") {
    throw new Error(`connection file ${path} has transport ${JSON.stringify(info.transport)}; allowed: tcp, ipc`);
  }
  return info;
}

/** Where a channel is bound. Over ipc the "port" is a suffix of the socket file's name. */
export function address(info: ConnectionInfo, port: number): string {
  return info.transport === "ipc" ? `ipc://${info.ip}-${port}` : `tcp://${info.ip}:${port}`;
}
