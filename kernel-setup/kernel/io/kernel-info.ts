import { PROTOCOL_VERSION } from "./wire";

const packageVersion = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;

/** Content of `kernel_info_reply`. */
export function kernelInfo(): Record<string, unknown> {
  const typescript = packageVersion("typescript");
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    implementation: "vitrine",
    implementation_version: packageVersion("tslab"),
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
    debugger: false,
    // Neither "debugger" nor "kernel subshells": JupyterLab asks for neither, then.
    supported_features: [],
    help_links: [
      { text: "TypeScript", url: "https://www.typescriptlang.org/docs/" },
      { text: "TensorFlow.js", url: "https://js.tensorflow.org/api/latest/" },
    ],
  };
}
