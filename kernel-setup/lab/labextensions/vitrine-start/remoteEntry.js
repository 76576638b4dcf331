// What JupyterLab loads of an extension: a container, as webpack would make one. The rest are plain modules beside it.
(() => {
  const base = document.currentScript.src.replace(/remoteEntry.*$/, "");
  let shared;
  (window._JUPYTERLAB ??= {})["vitrine-start"] = {
    init(scope) {
      shared = scope;
    },
    async get() {
      // Tokens are compared by identity, so they must be JupyterLab's own.
      const take = async (name) => (await Object.values(shared[name])[0].get())();
      const { makePlugins } = await import(`${base}plugins.js`);
      const plugins = await makePlugins(take, base);
      return () => ({ __esModule: true, default: plugins });
    },
  };
})();
