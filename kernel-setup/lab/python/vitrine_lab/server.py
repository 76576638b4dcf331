"""What the start page asks of the server: how far the sheets are, and to run `npx vitrine check`, `submit`, `doctor`.

Each is the command that students type, run in a process of its own; so the page says what the command says.
"""
import asyncio
import atexit
import json
import os
import signal
import subprocess

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.iostream import StreamClosedError

from .chromium import chromium

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), *[os.pardir] * 4))
COMMAND = [os.environ.get("VITRINE_NODE", "node"), os.path.join(ROOT, "lib", "bin", "vitrine.cjs")]


async def start(args, cwd, **streams):
    """A group of its own, so that it can be stopped with all that it started."""
    return await asyncio.create_subprocess_exec(
        *COMMAND,
        *args,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=os.name != "nt",
        **streams,
    )


def stop(process):
    """As Ctrl-C does: `check` then ends its kernel."""
    if process.returncode is not None:
        return
    try:
        process.terminate() if os.name == "nt" else os.killpg(process.pid, signal.SIGINT)
    except ProcessLookupError:
        pass


async def states(folder):
    """What `npx vitrine status --json` says of the copies in a folder."""
    process = await start(["status", "--json", "--work", folder], folder, stderr=subprocess.PIPE)
    out, errors = await process.communicate()
    if process.returncode != 0:
        words = " ".join(errors.decode("utf-8", "replace").split())
        raise web.HTTPError(500, words or "npx vitrine status failed")
    return json.loads(out)


class Handler(APIHandler):
    @property
    def folder(self):
        """The folder that JupyterLab is open on: the student's copies."""
        return os.path.realpath(self.contents_manager.root_dir)

    def path_of(self, file):
        """As JupyterLab names a file; None for one that it cannot open."""
        path = file and os.path.relpath(os.path.realpath(file), self.folder)
        return None if not path or path.startswith(os.pardir) or os.path.isabs(path) else path.replace(os.sep, "/")


class StateHandler(Handler):
    @web.authenticated
    async def get(self):
        sheets = await states(self.folder)
        for sheet in sheets:
            sheet["path"] = self.path_of(sheet.get("file"))
            if sheet.get("packed"):
                sheet["packed"]["path"] = self.path_of(sheet["packed"]["file"])
        self.finish({"sheets": sheets, "pdf": chromium() is not None})


class CommandHandler(Handler):
    """Runs one command at a time and hands on what it prints, as it prints it."""

    running = None  # The process, or a word while it is being started.

    @web.authenticated
    async def post(self, command):
        args = await self.arguments_of(command)
        cls = CommandHandler
        if cls.running is not None:
            raise web.HTTPError(409, "Another command is still running")
        cls.running = "starting"
        process = None
        try:
            self.process = process = await start(args, self.folder, stderr=subprocess.STDOUT)
            cls.running = process
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.set_header("X-Accel-Buffering", "no")
            while True:
                piece = await process.stdout.read(65536)
                if not piece:
                    break
                self.write(piece)
                await self.flush()
            await process.wait()
        except StreamClosedError:
            return  # The page was closed, or Stop pressed: nobody is there to be told.
        finally:
            if process is not None:
                stop(process)
            cls.running = None
        # The last line is for the page: whether it went well.
        self.finish("\x1e%d" % process.returncode)

    async def arguments_of(self, command):
        if command == "doctor":
            return ["doctor"]
        name = (self.get_json_body() or {}).get("sheet")
        sheet = next((each for each in await states(self.folder) if each["name"] == name), None)
        if sheet is None or not sheet.get("file"):
            raise web.HTTPError(404, "There is no such sheet in this folder")
        out = ["--out", os.path.join(self.folder, "%s-submission.zip" % name)] if command == "submit" else []
        return [command, sheet["file"], *out]

    def on_connection_close(self):
        super().on_connection_close()
        if getattr(self, "process", None) is not None:
            stop(self.process)


class PageHandler(Handler):
    """assignments.md, less what is for teachers."""

    @web.authenticated
    def get(self):
        with open(os.path.join(ROOT, "assignments.md"), encoding="utf-8") as file:
            text = file.read()
        self.finish({"markdown": text.split("\n## For teachers\n")[0]})


@atexit.register
def stop_running():
    """What still runs when JupyterLab ends would be nobody's."""
    if isinstance(CommandHandler.running, asyncio.subprocess.Process):
        stop(CommandHandler.running)


def handlers(server):
    base = url_path_join(server.web_app.settings["base_url"], "vitrine")
    return [
        (url_path_join(base, "state"), StateHandler),
        (url_path_join(base, "run", "(check|submit|doctor)"), CommandHandler),
        (url_path_join(base, "course"), PageHandler),
    ]
