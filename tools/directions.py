"""In which direction documents are written."""

import re

BODY_DIRECTION = re.compile(r"(<body\b[^>]*?\bdir=)\"\w+\"")
OWN_DIRECTION = re.compile(r"class=\"o_dunning_(ltr|rtl)\"")
RTL_STYLE = (
    "<style>[dir=rtl] { text-align: right; } [dir=rtl] .text-start { text-align: right !important; }"
    " [dir=rtl] .text-end { text-align: left !important; }</style>"
)


def get_direction(env, lang):
    """``ltr`` or ``rtl``: how the language with the code ``lang`` is written."""
    return env["res.lang"]._get_data(code=lang or env.lang or "").direction or "ltr"


def set_directions(bodies, header, footer):
    """Write each document, with its letterhead, in the direction of its language, which its own body tells."""
    own = [OWN_DIRECTION.search(body) for body in bodies]
    directions = [match[1] if match else None for match in own]
    if not any(directions):
        return bodies, header, footer
    bodies = [
        BODY_DIRECTION.sub(rf'\1"{direction}"', str(body), count=1) if direction else body
        for body, direction in zip(bodies, directions, strict=True)
    ]
    return bodies, _direct_heads(header, "header", directions), _direct_heads(footer, "footer", directions)


def _direct_heads(page, kind, directions):
    """Give the heads or feet on the HTML ``page``, one for each document, the ``directions`` of these."""
    if not page:
        return page
    remaining = iter(directions)

    def direct(match):
        direction = next(remaining, None)
        return f'<div dir="{direction}"{match[1]}' if direction else match[0]

    pattern = rf"<div( class=\"(?:[^\"]* )?{kind}(?: [^\"]*)?\")"
    page = re.sub(pattern, direct, str(page))
    return page.replace("</head>", f"{RTL_STYLE}</head>", 1) if "rtl" in directions else page
