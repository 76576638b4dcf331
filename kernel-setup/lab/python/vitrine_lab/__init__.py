"""The server's half of JupyterLab's start page."""


def _jupyter_server_extension_points():
    return [{"module": "vitrine_lab"}]


def _load_jupyter_server_extension(server):
    from .server import handlers

    server.web_app.add_handlers(".*$", handlers(server))
