// What may import what: `npm run lint` fails on an import that goes up, sideways between studios, or in a circle.

/** From the ground up: a folder imports from its own floor and those before it. */
const floors = [
  ["core"],
  ["tensorflow"],
  ["runtime"],
  ["backend"],
  ["data"],
  ["model"],
  ["attribution", "attack", "visualize", "metrics"],
  ["training"],
  ["plot"],
  ["cli"],
];
const below = (folders) => `^lib/(${folders.join("|")})/`;

const upward = floors.slice(0, -1).map((floor, i) => ({
  name: `no-import-up-from-${floor.length > 1 ? "studios" : floor[0]}`,
  comment: "A floor knows nothing of those above it. Move what is shared down, or hand it in as an argument.",
  severity: "error",
  from: { path: below(floor) },
  to: { path: below(floors.slice(i + 1).flat()) },
}));

const sideways = floors
  .filter((floor) => floor.length > 1)
  .flatMap((floor) =>
    floor.map((folder) => ({
      name: `no-import-sideways-from-${folder}`,
      comment: "Studios stand side by side: what two of them need belongs to the model or the core.",
      severity: "error",
      from: { path: below([folder]) },
      to: { path: below(floor.filter((other) => other !== folder)) },
    })),
  );

/** The products around the library, and what each of them may not know. */
const products = [
  { from: "^lib/", to: "^kernel-setup/", why: "The library knows neither kernel nor course." },
  {
    from: "^kernel-setup/kernel/",
    to: "^kernel-setup/(course|grading)/|^lib/",
    why: "The kernel knows neither library nor course.",
  },
  { from: "^kernel-setup/course/", to: "^kernel-setup/grading/", why: "Students get the course without grading." },
  { from: "^(lib|kernel-setup|notebooks)/", to: "^(test|bench)/", why: "Nothing that runs needs the tests." },
].map(({ from, to, why }) => ({
  name: `${from} may not import ${to}`,
  comment: why,
  severity: "error",
  from: { path: from },
  to: { path: to },
}));

module.exports = {
  forbidden: [
    ...upward,
    ...sideways,
    ...products,
    {
      name: "no-import-of-the-front-door",
      severity: "error",
      from: { path: "^lib/(?!index|kit)" },
      to: { path: "^lib/(index|kit)\\.ts$" },
      comment: "Inside the library files import each other, not the library.",
    },
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true },
      comment: "Also of types alone: they tie files together as well.",
    },
  ],
  options: {
    doNotFollow: { path: "node_modules|/dist/" },
    exclude: { path: "/dist/|^kernel-setup/setup/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
