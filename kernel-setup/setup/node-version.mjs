const [major] = process.versions.node.split(".").map(Number);

/** Set-up's own syntax runs on much older Node, so that it can say so. */
export function requireNode(oldest = 20) {
  if (major >= oldest) return;
  console.error(
    `Vitrine needs Node ${oldest} or newer, and this is ${process.version}: install one from nodejs.org or with your package manager, then start again.`,
  );
  process.exit(1);
}
