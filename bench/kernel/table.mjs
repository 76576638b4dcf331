/** Title, key, what is wanted: a ratio to ipykernel in the same run, or in words. */
const rows = [
  ["start to ready", "start", ""],
  ["start to the end of the first cell, `1 + 1`", "firstCell", 1.5],
  ["trivial cell", "trivial", 1],
  ["cell that declares a tensor", "tensor", 2.5],
  ['first `import "vitrine"`, with its backend', "import", "≤ 1,200 ms"],
  ["completion", "completion", 1.5],
  ["300 cells: median of the first 50", "manyFirst", ""],
  ["300 cells: median of the last 50", "manyLast", "as the first"],
  ["300 cells: more memory after the 300th than after the 50th, MB", "manyMemory", "as ipykernel's"],
  ["1,000 cells: more memory after the 1,000th than after the 500th, MB", "longMemory", "as ipykernel's"],
];

/** The results as the page that is published. */
export function table({ date, machine, kernels, skipped }) {
  const cell = (kernel, key) => {
    if (kernel.name === "ipykernel" && key === "import") return "–";
    return kernel[key] === undefined ? "–" : kernel[key].toLocaleString("en");
  };
  const notes = kernels.flatMap(({ name, missing = {} }) =>
    Object.entries(missing).map(([key, reason]) => `- ${name}, ${key}: ${reason}`),
  );
  const [ours, other] = ["Vitrine", "ipykernel"].map((name) => kernels.find((kernel) => kernel.name === name));
  const ratio = (key) => {
    const isTime = !["import", "manyMemory", "longMemory"].includes(key);
    return isTime && ours?.[key] && other?.[key] ? (ours[key] / other[key]).toFixed(2) : "";
  };
  const lines = rows.map(([title, key, wanted]) => {
    const cells = kernels.map((kernel) => cell(kernel, key)).join(" | ");
    return `| ${title} | ${cells} | ${ratio(key)} | ${typeof wanted === "number" ? `≤ ${wanted}` : wanted} |`;
  });
  return `# The kernel beside others

Written by \`npm run bench:kernel\`. Milliseconds, medians, from the request to its reply and idle status, through
jupyter_client, all kernels one after the other in one run.

${date}, ${machine}.

| | ${kernels.map(({ name, version }) => `${name} ${version}`).join(" | ")} | Vitrine : ipykernel | wanted |
|---|${kernels.map(() => "--:|").join("")}--:|--:|
${lines.join("\n")}

The tensor is \`const t = tf.tensor([1, 2, 3])\`; in ipykernel it is an \`array.array\`, since NumPy need not be
there. Deno takes TensorFlow.js from npm, on its plain backend. Ready is the reply to \`kernel_info\`; what a kernel
loads after it counts in the first cell. Memory is that of the process with its children, garbage included.
${[...notes, ...skipped.map((each) => `- not measured: ${each}`)].map((line) => `\n${line}`).join("")}
`;
}
