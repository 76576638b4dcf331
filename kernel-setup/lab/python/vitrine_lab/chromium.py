"""A browser that prints: Chromium, or one of its kin."""
import os
import shutil
import sys

NAMES = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "brave-browser",
]
MAC = ["Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser"]
WINDOWS = [
    ("Google", "Chrome", "Application", "chrome.exe"),
    ("Chromium", "Application", "chrome.exe"),
    ("Microsoft", "Edge", "Application", "msedge.exe"),
]


def chromium(env=os.environ, platform=sys.platform):
    """The path of one that is installed, the one that CHROMIUM names first; None where there is none."""
    given = env.get("CHROMIUM")
    if given:
        return given if os.path.exists(given) else None
    places = [shutil.which(name, path=env.get("PATH")) for name in NAMES]
    if platform == "darwin":
        places += ["%s/Applications/%s.app/Contents/MacOS/%s" % (home, name, name) for home in ("", os.path.expanduser("~")) for name in MAC]
    if platform == "win32":
        folders = [env.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
        places += [os.path.join(folder, *parts) for folder in folders if folder for parts in WINDOWS]
    return next((place for place in places if place and os.path.exists(place)), None)
