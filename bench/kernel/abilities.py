"""What a user decides by, tried in each kernel: abilities.py SPECS.json [ROW …]. Prints what came of every cell, row by row.

The comparison in kernel-setup/kernel/package/README.md was written from this. A row is cells, sent one after the other to
a kernel of its own, in a small project; a step may also be an edit of the project's files, or an interrupt.
"""
import json
import os
import queue
import sys
import tempfile
import time

from measure import Kernel

PATIENCE = 15
FILES = {
    "package.json": '{"type": "module"}',
    "tsconfig.json": '{"compilerOptions": {"strict": true, "noUncheckedIndexedAccess": true}}',
    "own.ts": "export const twice = (n: number): number => 2 * n;\n",
    "own.py": "def twice(n): return 2 * n\n",
    "node_modules/tiny/package.json": '{"name": "tiny", "version": "1.0.0", "main": "m.js", "types": "m.d.ts"}',
    "node_modules/tiny/m.js": "exports.unit = 'm';",
    "node_modules/tiny/m.d.ts": "export declare const unit: string;",
    "tiny.py": "unit = 'm'\n",
}
#: What the steps EDIT and UPGRADE write.
EDITED = {"own.ts": "export const twice = (n: number): number => 20 * n;\n", "own.py": "def twice(n): return 20 * n\n"}
UPGRADED = {
    "node_modules/tiny/package.json": '{"name": "tiny", "version": "2.0.0", "main": "m.js", "types": "m.d.ts"}',
    "node_modules/tiny/m.js": "exports.unit = 'km'; exports.more = 1;",
    "node_modules/tiny/m.d.ts": "export declare const unit: string; export declare const more: number;",
    "tiny.py": "unit = 'km'\nmore = 1\n",
}
EDIT, UPGRADE, INTERRUPTED = "EDIT", "UPGRADE", "INTERRUPTED "

PYTHON = {
    "types": ['n: int = "a"'],
    "await": ["import asyncio\nasync def f(): return 41", "r = await f()\nr + 1"],
    "redeclare": ["class P: x = 1", "class P: y = 2\nP().y"],
    "error": ["def f(x):\n  return x['a']\nf({})"],
    "interrupt": ["kept = 5", INTERRUPTED + "while True: pass", "kept"],
    "input": ["input('name? ')"],
    "display": ["from IPython.display import display, HTML; display(HTML('<b>b</b>'))"],
    "rich result": ["class B:\n  def _repr_html_(self): return '<b>b</b>'\nB()"],
    "own file changed": ["from own import twice; twice(1)", EDIT, "from own import twice; twice(1)"],
    "package changed": ["from tiny import unit; unit", UPGRADE, "1 + 1", "from tiny import more; more"],
    "install": ["%pip --version"],
    "child prints": ["import subprocess; subprocess.run(['echo', 'child']); 0"],
    "timer fails": ["import threading\nthreading.Timer(0.1, lambda: 1 / 0).start()", "import time; time.sleep(0.5)"],
    "exit": ["import os; os._exit(3)"],
    "killed": ["import os; os.kill(os.getpid(), 9)"],
    "many lines": ["for i in range(300000): print('x' * 100)"],
}
TYPESCRIPT = {
    "types": ['const n: number = "a"'],
    "tsconfig": ["const list = [1]; const first: number = list[0];"],
    "await": ["const r = await Promise.resolve(41);", "r + 1"],
    "redeclare": ["class P { x = 1 }", "class P { y = 2 }; new P().y"],
    "declare global": ["declare global { interface Array<T> { half(): number } }", "([].half, 1)"],
    "error": ["function f(x: any) {\n  return x.a.b;\n}\nf({})"],
    "interrupt": ["const kept = 5", INTERRUPTED + "while (true);", "kept"],
    "input": ['await prompt("name? ")'],
    "display": ['import { display } from "tslab"; display.html("<b>b</b>")'],
    "rich result": ['({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<b>b</b>" }) })'],
    "own file changed": ['import { twice } from "./own"; twice(1)', EDIT, 'import { twice as t } from "./own"; t(1)', "twice(1)"],
    "package changed": ['import { unit } from "tiny"; unit', UPGRADE, "1 + 1", 'import { more } from "tiny"; more'],
    "install": ['await install("ms@2.1.3")'],
    "npm:": ['import ms from "npm:ms@2.1.3"; ms("1h")'],
    "child prints": ['import { execSync } from "node:child_process"; execSync("echo child", { stdio: "inherit" }); 0'],
    "timer fails": ['setTimeout(() => { throw new Error("late") }, 100); 1', "await new Promise((r) => setTimeout(r, 500)); 2"],
    "exit": ['import process from "node:process"; process.exit(3)'],
    "killed": ['import { execSync } from "node:child_process"; import process from "node:process"; execSync(`kill -9 ${process.pid}`)'],
    "many lines": ['for (let i = 0; i < 3e5; i++) console.log("x".repeat(100));'],
}
OWN = {
    "Deno": {
        "display": ['await Deno.jupyter.display({ "text/html": "<b>b</b>" }, { raw: true })'],
        "own file changed": ['import { twice } from "./own.ts"; twice(1)', EDIT, 'import { twice as t } from "./own.ts"; t(1)'],
    }
}
COMPLETED = {"python": ["len.__na", "'x'.padS"], "typescript": ["Math.flo", '"x".padS']}


def run(kernel, code, interrupt):
    """The reply and everything that was published, in words; questions are answered with Ada."""
    client, came, reply, idle, sent = kernel.client, [], None, False, False
    request, began = client.execute(code, allow_stdin=True), time.monotonic()
    while time.monotonic() - began < PATIENCE and not (reply and idle):
        if interrupt and not sent and time.monotonic() - began > 1:
            kernel.manager.interrupt_kernel()
            sent = True
        for channel in ("stdin", "shell", "iopub"):
            try:
                message = getattr(client, f"get_{channel}_msg")(timeout=0.02)
            except queue.Empty:
                continue
            content, kind = message["content"], message["msg_type"]
            own = message["parent_header"].get("msg_id") == request
            if kind == "input_request":
                came.append(f"asks {content['prompt']!r}")
                client.input("Ada")
            elif channel == "shell":
                reply = content if own else reply
            elif kind == "status":
                idle = idle or (own and content["execution_state"] == "idle")
            elif kind != "execute_input" and len(came) < 4:
                shown = content.get("text") or content.get("data") or f"{content.get('ename')}: {content.get('evalue')}"
                came.append(f"{'' if own else 'of an earlier cell: '}{kind} {str(shown)[:160]!r}")
    status = f"{reply['status']} {reply.get('evalue', '')[:160]}".strip() if reply else f"no reply within {PATIENCE} s"
    return f"{status} ({time.monotonic() - began:.1f} s); " + ", ".join(came)


def write(folder, files):
    for name, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)


def started(spec, folder):
    """On a busy machine stock tslab now and then does not hear its first request."""
    try:
        return Kernel(spec, folder)
    except queue.Empty:
        return Kernel(spec, folder)


def attempt(spec, steps):
    with tempfile.TemporaryDirectory() as folder:
        write(folder, FILES)
        kernel = started(spec, folder)
        try:
            # A kernel that asks in its first cell may ask before anybody listens.
            run(kernel, "0", False)
            for step in steps:
                if step in (EDIT, UPGRADE):
                    time.sleep(0.1)
                    write(folder, EDITED if step == EDIT else UPGRADED)
                    continue
                # After an error stock tslab aborts what comes too soon.
                time.sleep(1.5 if "tslab" in spec["name"] else 0)
                code = step.removeprefix(INTERRUPTED)
                print(f"  {spec['name']}: {code!r}\n      {run(kernel, code, code != step)}", flush=True)
        finally:
            kernel.client.stop_channels()
            kernel.manager.shutdown_kernel(now=True)


def asked(spec):
    kernel = started(spec, tempfile.gettempdir())
    try:
        for text in COMPLETED[spec["language"]]:
            print(f"  {spec['name']}: completes {text!r} by {kernel.complete(text)[1][:3]}")
        info = kernel.reply(kernel.client.kernel_info(), PATIENCE)["content"]
        print(f"  {spec['name']}: supported_features {info.get('supported_features')}, debugger {info.get('debugger')}")
        word = "len" if spec["language"] == "python" else "parseInt"
        print(f"  {spec['name']}: inspects {str(kernel.reply(kernel.client.inspect(word), PATIENCE)['content'].get('data'))[:160]!r}")
    finally:
        kernel.client.stop_channels()
        kernel.manager.shutdown_kernel(now=True)


def main(file, *chosen):
    specs = json.load(open(file))["kernels"]
    rows = {spec["name"]: {**(PYTHON if spec["language"] == "python" else TYPESCRIPT), **OWN.get(spec["name"], {})} for spec in specs}
    for row in [each for each in TYPESCRIPT if each in chosen or not chosen]:
        print(f"\n{row}", flush=True)
        for spec in specs:
            if row in rows[spec["name"]]:
                attempt(spec, rows[spec["name"]][row])
    print("\ncompletion, inspection, debugger")
    for spec in specs:
        asked(spec)


if __name__ == "__main__":
    main(*sys.argv[1:])
