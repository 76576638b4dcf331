// What the page asks of its half in the server (kernel-setup/lab/python/vitrine_lab/server.py).

/** What separates a command's output from its exit status. */
const END = "\x1e";

export function makeServer({ ServerConnection }) {
  const settings = ServerConnection.makeSettings();
  const url = (path) => `${settings.baseUrl}vitrine/${path}`;

  async function ask(path, init = {}) {
    const answer = await ServerConnection.makeRequest(url(path), init, settings);
    if (answer.ok) return answer;
    const said = await answer.json().catch(() => ({}));
    throw new Error(said.message || said.reason || answer.statusText || `The server answered ${answer.status}`);
  }

  return {
    state: async () => (await ask("state")).json(),
    course: async () => (await (await ask("course")).json()).markdown,

    /**
     * Runs `check`, `submit` or `doctor`; `heard` gets all that was printed so far, as it is printed.
     * @returns whether it went well
     */
    async run(command, sheet, heard, signal) {
      const answer = await ask(`run/${command}`, { method: "POST", body: JSON.stringify({ sheet }), signal });
      const reader = answer.body.getReader(),
        decoder = new TextDecoder();
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        text += decoder.decode(value ?? new Uint8Array(), { stream: !done });
        const [said, status] = text.split(END);
        heard(said);
        if (done) return status?.trim() === "0";
      }
    },
  };
}
