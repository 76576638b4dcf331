const [major, minor] = process.versions.node.split(".").map(Number);

/** Set-up's own syntax runs on much older Node, so that it can say so. @param {string} oldest `20`, `20.19` */
export function requireNode(oldest = "20", what = "Vitrine needs") {
  const [leastMajor, leastMinor = 0] = oldest.split(".").map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  console.error(
    `${what} Node ${oldest} or newer, and this is ${process.version}: install one from nodejs.org or with your ` +
      `package manager, then start again.`,
  );
  process.exit(1);
}
