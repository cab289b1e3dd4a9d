"""A headless Chromium, driven through its DevTools protocol, that takes pictures of pages."""

import base64
import io
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket
from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--hide-scrollbars",
    "--lang=en-US",
    "--font-render-hinting=none",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
)
# Pages stand still, so that two pictures of the same page are the same.
STILL = """
document.addEventListener("DOMContentLoaded", () => {
    const style = document.createElement("style");
    style.textContent = "* { animation: none !important; transition: none !important; caret-color: transparent; }";
    document.head.append(style);
});
"""
SETTLED = """
document.readyState === "complete" && document.fonts.status === "loaded"
    && [...document.images].every((image) => image.complete)
    && !document.querySelector(".o_loading_indicator, .o_blockUI, .fa-spin, .o-mail-Chatter-topbar button[disabled]")
"""
FIND = """
(() => [...document.querySelectorAll(%(selector)s)].find(
    (element) => element.offsetParent !== null && element.textContent.includes(%(text)s)))()
"""


class Browser:
    """``with Browser() as browser``: everything waits until it is there, or raises TimeoutError."""

    def __init__(self, width=1400, height=900, timeout=120):
        self.size = width, height
        self.timeout = timeout
        self.calls = 0

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="dunning_browser.")
        program = next(filter(None, map(shutil.which, NAMES)))
        self.process = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={self.profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _connect(self):
        file = Path(self.profile) / "DevToolsActivePort"
        self._await(lambda: file.exists() and file.read_text().count("\n"), "Chromium")
        port = file.read_text().splitlines()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            page = next(target for target in json.load(answer) if target["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=self.timeout)
        width, height = self.size
        self.send("Page.enable")
        self.send("Page.addScriptToEvaluateOnNewDocument", source=STILL)
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def send(self, method, **params):
        """Call a method of the protocol and return its result."""
        self.calls += 1
        self.socket.send(json.dumps({"id": self.calls, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.calls:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def run(self, script):
        """The value of a JavaScript expression; a promise is awaited."""
        result = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def open(self, url, selector):
        """Go to ``url`` and wait for an element."""
        self.send("Page.navigate", url=url)
        self.wait(selector)

    def wait(self, selector, text=""):
        """Wait until a visible element that contains ``text`` is there, and nothing is loading any more."""
        there = f"location.href !== 'about:blank' && !!{self._find(selector, text)} && {SETTLED}"
        self._await(lambda: self.run(there), f"{selector} {text}")
        time.sleep(0.5)
        self._await(lambda: self.run(there), f"{selector} {text}")

    def click(self, selector, text=""):
        """Click the first visible element that contains ``text``."""
        self.wait(selector, text)
        self.run(f"{self._find(selector, text)}.click()")

    def fill(self, selector, value):
        """Write ``value`` into an input."""
        self.wait(selector)
        self.run(f"{self._find(selector)}.value = {json.dumps(value)}")

    def picture(self, path):
        """Save what is to be seen as PNG, with few colours, so that the file is small."""
        self.run("document.activeElement?.blur()")
        data = base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])
        save_png(Image.open(io.BytesIO(data)), path)

    def _find(self, selector, text=""):
        return FIND.strip() % {"selector": json.dumps(selector), "text": json.dumps(text)}

    def _await(self, condition, what):
        end = time.monotonic() + self.timeout
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"Waited in vain for {what}")
            time.sleep(0.2)


def save_png(image, path):
    """Save a Pillow ``image`` with 256 colours."""
    image = image.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    image.save(path, optimize=True)
