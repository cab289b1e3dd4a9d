"""axe-core, which checks a page for people who see, hear or move less, in the browser of the tests.

``dev/setup.sh`` fetches it from npm; the tests need no network.
"""

import json
import os
from pathlib import Path

# The success criteria of WCAG 2.2, levels A and AA, and what axe counts as good practice.
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = """
(async () => {
    %(source)s;
    document.querySelectorAll("details").forEach((each) => (each.open = true));
    const options = {runOnly: %(standards)s, resultTypes: ["violations"]};
    const {violations, passes} = await axe.run(%(where)s, options);
    const told = violations.flatMap(({id, help, nodes}) =>
        nodes.map(({html, any, all}) => `${id}: ${help}: ${html.slice(0, 200)} (${[...any, ...all].map((c) => c.message)})`));
    const wide = document.scrollingElement.scrollWidth - window.innerWidth;
    if (wide > 0) {
        told.push(`the page is ${wide} pixels wider than the window of ${window.innerWidth}`);
    }
    if (!passes.length) {
        told.push("nothing was checked");
    }
    if (told.length) {
        throw new Error(told.join("\\n"));
    }
    console.log("test successful");
})()
"""


def script(where="document"):
    """JavaScript that fails with what axe finds in the element that is the expression ``where``, all details open.

    It fails, too, where the page has to be scrolled sideways.
    """
    path = Path(os.environ.get("AXE_CORE", ""))
    if not path.is_file():
        raise AssertionError("axe-core is not there: run the tests by `make test`, or with `dev/with`")
    return RUN % {"source": path.read_text(), "standards": json.dumps(STANDARDS), "where": where}
