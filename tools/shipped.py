"""Records that the module ships and needs for its work: who deletes one finds it made anew."""

from io import BytesIO

from lxml import etree

from odoo.modules import Manifest
from odoo.tools import file_open
from odoo.tools.convert import convert_xml_import

MODULE = "account_dunning"
FOLDERS = ("data/", "reports/", "views/", "wizards/")
SCHEDULED = (
    "account_dunning.ir_cron_dunning_nightly",
    "account_dunning.ir_cron_dunning_continue",
    "account_dunning.ir_cron_dunning_retry",
    "account_dunning.ir_cron_dunning_end_holds",
    "account_dunning.ir_cron_dunning_dossiers",
    "account_dunning.ir_cron_dunning_desk",
)


def get_record(env, xmlid):
    """The shipped record of that external id, as superuser; made anew where somebody has deleted it.

    :param str xmlid: of a ``<record>`` in the data files of this module
    """
    env = env(su=True)
    return env.ref(xmlid, raise_if_not_found=False) or _make_anew(env, xmlid)


def ensure_scheduled_actions(env):
    """Make anew each shipped scheduled action that somebody has deleted; one that was deactivated stays so."""
    for xmlid in SCHEDULED:
        get_record(env, xmlid)


def get_shipped_text(name, field):
    """The text, or HTML, that the data files give to a ``field`` of the record ``name``."""
    [node] = _find(name).xpath("field[@name=$field]", field=field)
    inside = "".join(etree.tostring(child, encoding="unicode", with_tail=False) for child in node.iterchildren("*"))
    return inside or node.text


def _make_anew(env, xmlid):
    node = _find(xmlid.removeprefix(f"{MODULE}."))
    for reference in {element.get("ref") for element in node.iter("field")} - {None}:
        if "." not in reference:
            _ensure(env, reference)
    root = etree.Element("odoo", noupdate="1")
    root.append(node)
    file = BytesIO(etree.tostring(root))
    file.name = f"{MODULE}/{xmlid}"
    convert_xml_import(env(context={**env.context, "lang": None}), MODULE, file)
    return env.ref(xmlid)


def _ensure(env, name):
    """Make a shipped record that another one refers to, if it is one of the data files and is gone."""
    if not env.ref(f"{MODULE}.{name}", raise_if_not_found=False):
        _make_anew(env, f"{MODULE}.{name}")


def _find(name):
    """The node of the record called ``name`` in the data files."""
    for path in Manifest.for_addon(MODULE)["data"]:
        if path.startswith(FOLDERS) and path.endswith(".xml"):
            with file_open(f"{MODULE}/{path}", "rb") as file:
                found = etree.parse(file).xpath("//record[@id=$name]", name=name)
            if found:
                return found[0]
    raise ValueError(f"The module ships no record {name}.")
