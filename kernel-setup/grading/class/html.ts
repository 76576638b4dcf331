import { escapeHtml } from "vitrine/dist/kit";

/** The looks that pages for teachers and for students share. */
export const style = `
:root {
  color-scheme: light; --ink: #1f2328; --soft: #5c636b; --line: #d8dde2; --ground: #f6f7f9; --good: #007a5a;
  --part: #9a6700; --bad: #b3261e; --accent: #0072b2;
}
* { box-sizing: border-box }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 'Segoe UI', 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif;
}
main { max-width: 960px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 25px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere }
h2 { font-size: 18px; margin: 0 0 10px }
.soft { color: var(--soft) } .small { font-size: 13px }
.cards { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0 }
.card { background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: 12px 18px; min-width: 120px }
.card b { display: block; font-size: 25px; line-height: 1.25; font-variant-numeric: tabular-nums }
section {
  background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 16px 0;
  overflow-wrap: anywhere;
}
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: 6px 10px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { font-size: 13px; color: var(--soft); font-weight: 600 }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.badge {
  display: inline-block; border-radius: 99px; padding: 1px 10px; font-size: 13px; font-weight: 600; color: #fff;
  white-space: nowrap;
}
.passed { background: var(--good) }
.partial { background: var(--part) }
.failed, .error { background: var(--bad) }
.open { background: var(--soft) }
pre {
  background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px;
  overflow-x: auto; font: 13px/1.45 'DejaVu Sans Mono', Menlo, Consolas, monospace; margin: 8px 0;
}
details > summary { cursor: pointer; color: var(--accent) }
@media print { body { background: #fff } section, .card { break-inside: avoid } }
`;

/** A page that loads nothing from anywhere. @param script hashes or keywords for scripts; default: none runs */
export function page({ title, body, script = "'none'" }: { title: string; body: string; script?: string }): string {
  const policy = [
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    `script-src ${script}; base-uri 'none'; form-action 'none'`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main>
${body}
</main></body></html>
`;
}
