// Exits 0 if the bucket that tfjs-node's install script downloads from answers; asked the way that script asks
// (same variables, same proxy), because a download that hangs would cost minutes.
const http = require("node:http");
const https = require("node:https");
const { createRequire } = require("node:module");
const url = require("node:url");

const environment = process.env;
const host = environment.TFJS_NODE_CDN_STORAGE || environment.CDN_STORAGE || "https://storage.googleapis.com/";
const base = environment.TFJS_NODE_BASE_URI || `${host}tensorflow/libtensorflow/libtensorflow-`;
const target = `${base}cpu-linux-x86_64-2.9.1.tar.gz`;
const proxy = environment.HTTPS_PROXY || environment.https_proxy || environment.HTTP_PROXY || environment.http_proxy;
const client = target.startsWith("https") ? https : http;
const options = { ...url.parse(target), method: "HEAD", timeout: 4000 };
if (proxy) {
  const Agent = createRequire(require.resolve("@tensorflow/tfjs-node/package.json"))("https-proxy-agent");
  options.agent = new (Agent.HttpsProxyAgent ?? Agent)(proxy);
}
const give = (reason) => {
  console.log(reason);
  process.exit(1);
};
setTimeout(() => give("its download does not answer"), 5000);
client
  .request(options, ({ statusCode }) =>
    statusCode === 200 ? process.exit(0) : give(`its download is refused (HTTP ${statusCode})`),
  )
  .on("error", (error) => give(`its download cannot be reached (${error.code ?? error.message})`))
  .end();
