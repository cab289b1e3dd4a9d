"""axe-core, which checks a page for people who see, hear or move less, in the browser of the tests.

``dev/setup.sh`` fetches it from npm; the tests need no network.
"""

import json
import os
from pathlib import Path

# The success criteria of WCAG 2.2, levels A and AA.
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
ERROR = "Running code returned an error:"
RUN = """
(async () => {
    %(source)s;
    document.querySelectorAll("details").forEach((each) => (each.open = true));
    const options = {runOnly: %(standards)s, resultTypes: ["violations"]};
    const {violations, passes} = await axe.run(document, options);
    const told = violations.map(({id, help, nodes}) => {
        const [{html, any, all}] = nodes;
        const why = [...any, ...all].map((check) => check.message).join(" ");
        return `${id}, ${nodes.length} times: ${help}: ${html.slice(0, 200)} ${why}`;
    });
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


def check(case, address, **options):
    """Fail with what axe finds at ``address`` in the browser of an ``HttpCase``, all details open.

    It fails, too, where the page has to be scrolled sideways.

    :param options: those of ``HttpCase.browser_js``
    """
    path = Path(os.environ.get("AXE_CORE", ""))
    if not path.is_file():
        raise AssertionError("axe-core is not there: run the tests by `make test`, or with `dev/with`")
    code = RUN % {"source": path.read_text(), "standards": json.dumps(STANDARDS)}
    try:
        case.browser_js(address, code, **options)
    except AssertionError as error:
        # the message begins with all of the code
        raise AssertionError(str(error).rpartition(ERROR)[2] or "the page does not load") from None
