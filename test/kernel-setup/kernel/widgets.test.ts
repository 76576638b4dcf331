import { expect } from "chai";
import type { Content, KernelClient, Received } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

const VIEW = "application/vnd.jupyter.widget-view+json";

describe("kernel: widgets", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });
  after(() => kernel.execute("for (const each of made) each.close()"));

  /** What the browser says to the model. */
  async function says(id: string, data: Content): Promise<Received[]> {
    const request = kernel.send("shell", "comm_msg", { comm_id: id, data });
    await kernel.until(() => kernel.isIdle(request), 10_000, "idle");
    return kernel.published.filter((each) => each.parent.msg_id === request && each.type !== "status");
  }
  async function made(code: string): Promise<{ id: string; open: Received; shown: Content }> {
    await kernel.execute("var made: { close(): void }[] = (globalThis as any).made ??= []");
    const { outputs } = await kernel.execute(`const it = ${code}; made.push(it); it`);
    const open = outputs.find((each) => each.type === "comm_open")!;
    const shown = outputs.find((each) => each.type === "execute_result")!.content.data as Content;
    return { id: String(open.content.comm_id), open, shown };
  }

  it("one of one's own is an anywidget model whose view is the cell's result", async () => {
    const { id, open, shown } = await made(
      `widget({ state: { n: 1 }, render({ model, el }) { el.textContent = model.get("n"); }, css: "b { color: ` +
        `red }" })`,
    );
    expect(open.content.target_name).to.equal("jupyter.widget");
    expect(open.metadata).to.deep.equal({ version: "2.1.0" });
    const { state, buffer_paths } = open.content.data as Content;
    expect(buffer_paths).to.deep.equal([]);
    expect(state).to.include({ _model_module: "anywidget", _model_name: "AnyModel", _view_name: "AnyView", n: 1 });
    expect(state._css).to.equal("b { color: red }");
    const module = (await import(`data:text/javascript,${encodeURIComponent(String(state._esm))}`)) as {
      default: { render(view: object): void };
    };
    const el = { textContent: 0 };
    module.default.render({ model: { get: () => 5 }, el });
    expect(el.textContent).to.equal(5);
    expect(shown[VIEW]).to.deep.equal({ version_major: 2, version_minor: 0, model_id: id });
    expect(await says(id, { method: "update", state: { n: 4, _foreign: 1 }, buffer_paths: [] })).to.deep.equal([]);
    expect((await kernel.execute("it.state")).result).to.equal("{ n: 4 }");
    const [answer] = await says(id, { method: "request_state" });
    expect(answer.content.data.state).to.include({ n: 4, _model_name: "AnyModel" });
  });

  it("render may be an arrow function, a function or a module's text", async () => {
    for (const render of [
      "({ el }) => { el.x = 1; }",
      "function ({ el }) { el.x = 1; }",
      "async ({ el }) => { el.x = 1; }",
    ]) {
      const { open } = await made(`widget({ state: {}, render: ${render} })`);
      const module = (await import(
        `data:text/javascript,${encodeURIComponent(String(open.content.data.state._esm))}`
      )) as {
        default: { render(view: object): void };
      };
      const el = { x: 0 };
      module.default.render({ el });
      expect(el.x, render).to.equal(1);
    }
    const { open } = await made("widget({ state: {}, render: 'export default { render() {} }' })");
    expect(open.content.data.state._esm).to.equal("export default { render() {} }");
  });

  it("a slider redraws what is linked to it, in place; of a quick row of values the last wins", async () => {
    const { id } = await made("widget.slider({ min: 0, max: 10, step: 1, value: 2 })");
    const { outputs } = await kernel.execute(
      "const slider = it as any; let drawn = 0; await slider.redraw(async (n: number) => { drawn++; " +
        "await new Promise((resolve) => setTimeout(resolve, 100)); return 'n'.repeat(n); })",
    );
    const [first] = outputs;
    expect([first.type, first.content.data["text/plain"]]).to.deep.equal(["display_data", "'nn'"]);
    for (let value = 3; value <= 9; value++) await says(id, { method: "update", state: { value } });
    const updates = (): Received[] =>
      kernel.published.filter(
        (each) =>
          each.type === "update_display_data" &&
          each.content.transient.display_id === first.content.transient.display_id,
      );
    await kernel.until(() => updates().at(-1)?.content.data["text/plain"] === "'nnnnnnnnn'", 10_000, "drawn");
    expect(Number((await kernel.execute("drawn")).result)).to.be.below(8);
    expect((await kernel.execute("slider.value")).result).to.equal("9");
    await kernel.execute("slider.value = 1");
    await kernel.until(() => updates().at(-1)?.content.data["text/plain"] === "'n'", 10_000, "set by the kernel");
  });

  it("types know the values, and nonsense is refused in words", async () => {
    for (const [code, words] of [
      ["widget.dropdown({ options: ['a', 'b'] }).value = 'c'", /'"c"' is not assignable to type '"a" \| "b"'/],
      ["widget.slider({ min: 3, max: 1 })", /^widget\.slider: min must be below max, got 3 and 1$/],
      ["widget.slider({ min: 3, max: 4, value: 9 })", /^widget\.slider: value must be from 3 to 4, got 9$/],
      ["widget.dropdown({ options: [] })", /^widget\.dropdown: value must be one of/],
      ["widget({ state: {}, render: 3 as any })", /^widget: render must be a function/],
      ["(it as any).set({ nothing: 1 })", /^widget\.set: the state has no "nothing"; it has /],
    ] as const)
      expect((await kernel.execute(code)).reply.evalue, code).to.match(words);
  });
});
