/** Ways of computing that round differently → what the environment of a run says for each. */
export const ways: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  "native-graph": {},
  "native-eager": { VITRINE_COMPILE: "off" },
  wasm: { VITRINE_BACKEND: "wasm" },
};
