import { ownDownload } from "./native/own-binary.mjs";
import { fetchAhead } from "./native/wheel-library.mjs";
import { reportFile, wantsCuda } from "./native-backend.mjs";
import { readStamp } from "./stamp.mjs";

/**
 * Step: TensorFlow's C library out of PyPI's wheel, of which the backend is built where tfjs-node's own cannot be
 * downloaded. It needs nothing of npm's, and so is fetched while npm installs. What is not fetched here the backend's
 * own step asks for.
 */
export const tensorflowLibrary = {
  name: "TensorFlow",
  after: ["Python"],

  check({ project }) {
    // Once a backend has been chosen its step sees to what that one needs.
    return readStamp(reportFile(project)) ? { ready: "with the backend" } : { todo: "its C library" };
  },

  async run({ project, env }) {
    if (wantsCuda(project, env)) return "its CUDA build comes with the backend";
    return (await ownDownload(project, env)) ? fetchAhead(project, env) : "tfjs-node downloads its own";
  },
};
