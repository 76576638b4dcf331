// What TypeScript's own check does not see: promises that nobody awaits, `any` that spreads, code that does nothing.
import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "**/dist/",
      "**/node_modules/",
      "**/*.cjs",
      "**/*.js",
      "test/output/",
      "notebooks/release/",
      ".venv/",
      "docs/*.ts",
    ],
  },
  eslint.configs.recommended,
  {
    rules: {
      // Names and texts that come from outside are searched for control characters, by their codes.
      "no-control-regex": "off",
      "no-empty": ["error", { allowEmptyCatch: true }],
      // What Prettier cannot break: texts and comments. A regular expression has no other place to be broken.
      "max-len": ["error", { code: 120, ignoreRegExpLiterals: true, ignoreUrls: true }],
    },
  },
  {
    files: ["**/*.mjs"],
    rules: {
      "no-unused-vars": [
        "error",
        { args: "none", ignoreRestSiblings: true, caughtErrors: "none", varsIgnorePattern: "^_+$" },
      ],
    },
    languageOptions: {
      globals: Object.fromEntries(
        [
          "process",
          "console",
          "URL",
          "Buffer",
          "setTimeout",
          "clearTimeout",
          "setInterval",
          "clearInterval",
          "fetch",
          "AbortSignal",
          "AbortController",
          "performance",
          "structuredClone",
          "Response",
          "document",
        ].map((name) => [name, "readonly"]),
      ),
    },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./test/tsconfig.browser.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Heavy modules are loaded when they are first used.
      "@typescript-eslint/no-require-imports": "off",
      // TensorFlow.js' and Node's objects hold functions that need no `this`; TypeScript cannot tell them from methods.
      "@typescript-eslint/unbound-method": "off",
      // What implements an interface is async where the interface is.
      "@typescript-eslint/require-await": "off",
      // It takes assertions for unnecessary without which overloads of TensorFlow.js do not compile.
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
      // Array.isArray makes any[] of a read-only list, and instanceof Tensor a Tensor<any>.
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      // What comes from outside is printed as it is.
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { args: "none", ignoreRestSiblings: true, caughtErrors: "none", varsIgnorePattern: "^_+$" },
      ],
      "@typescript-eslint/no-unused-expressions": ["error", { allowTernary: true, allowShortCircuit: true }],
    },
  },
  {
    // Messages of a kernel, files of a grader: tests look into what has no type.
    files: ["test/**/*.ts"],
    rules: {
      "no-regex-spaces": "off",
      ...Object.fromEntries(
        [
          "await-thenable",
          "no-explicit-any",
          "no-implied-eval",
          "no-unused-expressions",
          "no-unsafe-argument",
          "no-unsafe-assignment",
          "no-unsafe-call",
          "no-unsafe-member-access",
          "no-unsafe-return",
          "restrict-template-expressions",
        ].map((rule) => [`@typescript-eslint/${rule}`, "off"]),
      ),
    },
  },
);
