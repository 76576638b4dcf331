import { home } from "../shared/home";
import { PROTOCOL_VERSION } from "./wire";

const packageVersion = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;

/** Content of `kernel_info_reply`. */
export function kernelInfo(): Record<string, unknown> {
  const typescript = packageVersion("typescript");
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    implementation: "vitrine",
    implementation_version: home.version,
    language_info: {
      name: "typescript",
      version: typescript,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      nbconvert_exporter: "script",
      // `mode` is what JupyterLab reads, `name` and `typescript` the classic notebook.
      codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
    },
    banner: `TypeScript ${typescript} (Vitrine), Node ${process.version}`,
    // The first is what front ends read since the protocol's version 5.5, the second what they read before.
    supported_features: ["debugger"],
    debugger: true,
    help_links: Object.entries(home.links).map(([text, url]) => ({ text, url })),
  };
}
