/** One thing that was looked at. */
export interface Finding {
  /** Heading it stands under: `Backend`. */
  section: string;
  /** What it is: `fashion-mnist`, `JupyterLab`. Empty where the heading says it. */
  name: string;
  /**
   * `ok`: there. `later`: fetched when it is first used. `instead`: something else stands in for it. `missing`: not
   * there.
   */
  state: "ok" | "later" | "instead" | "missing";
  /** What was found, in a few words. */
  found: string;
  /** Why it is so, or more about it; a line each. */
  details?: readonly string[];
  /** What to do about it, where something can be done. */
  remedy?: string;
  /** Without it Vitrine cannot be used. */
  essential?: boolean;
}

/** Whether sheets can be opened and run. */
export function usable(findings: readonly Finding[]): boolean {
  return findings.every(({ essential, state }) => !essential || state !== "missing");
}

const marks = { ok: " ", later: "-", instead: "~", missing: "!" } as const;

/** The findings for people: a block per section, and at the end what to do. */
export function report(findings: readonly Finding[]): string {
  const lines: string[] = [];
  for (const section of new Set(findings.map((finding) => finding.section))) {
    const own = findings.filter((finding) => finding.section === section);
    const width = Math.max(...own.map(({ name }) => name.length));
    own.forEach((finding, i) => {
      const name = width > 0 ? `${finding.name.padEnd(width)}  ` : "";
      lines.push(`${(i === 0 ? section : "").padEnd(11)}${marks[finding.state]} ${name}${finding.found}`);
      for (const detail of finding.details ?? []) lines.push(`${" ".repeat(13 + name.length)}${detail}`);
    });
  }
  const todo = findings.filter(({ state, remedy }) => state !== "ok" && remedy);
  if (todo.length > 0) {
    lines.push("", "To do:");
    for (const { section, name, remedy } of todo) lines.push(`  ${name || section}: ${remedy}`);
  }
  lines.push("", usable(findings) ? "Ready to use." : "Not ready: what is marked ! and listed above is needed.");
  return lines.join("\n");
}
