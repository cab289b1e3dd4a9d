"""Opens the screens of the module as the web client does: which calls each one takes, how long, and how many queries.

The views are read as a user has them, so that what he may not see is not asked for. ``get_screens`` finds all that the
menus of the module open, the other lists and forms of its models, and the screens of core that it adds to.
"""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo.exceptions import UserError
from odoo.fields import Date, Domain
from odoo.tools.safe_eval import datetime as safe_datetime
from odoo.tools.safe_eval import safe_eval

MODULE = "account_dunning"
ROWS, GROUPS, SUB_ROWS, COUNTED = 80, 80, 40, 10001  # as many as the web client asks for
VIEWS = ("list", "kanban", "form", "pivot", "graph")
NUMBERS = ("integer", "float", "monetary")
# The screens of core that the module adds to.
EXTENDED = (
    "account.res_partner_action_customer",
    "account.action_move_out_invoice_type",
    "account.action_account_moves_all",
    "account.action_account_payments",
)
# What widgets read beyond their field: on the same record, and of the records that the field holds.
ACTIVITY = ("activity_exception_decoration", "activity_exception_icon", "activity_state", "activity_summary")
BESIDE = {
    "list_activity": (*ACTIVITY, "activity_type_icon", "activity_type_id"),
    "kanban_activity": (*ACTIVITY, "activity_type_icon", "activity_type_id"),
    "dunning_progress": ("progress_text",),
}
WITHOUT_ROWS = ("list_activity", "kanban_activity", "mail_activity", "mail_followers", "mail_thread")


@dataclass(frozen=True)
class Screen:
    """One thing that a user opens: ``read(count, plain)`` asks the server for ``count`` rows.

    ``plain``: leave out the fields that the module adds to models of core, and of its own models those that no column
    holds. What is left is what Odoo itself takes to show the same records.
    """

    name: str
    own: bool
    read: object


def measure(env, screens):
    """Open each screen twice, the second time with nothing in the cache of records.

    :return: seconds and queries by name; of screens of core only those that the module adds
    """
    result = {}
    for screen in screens:
        seconds, queries = time_call(env, partial(screen.read, ROWS, plain=False))
        if not screen.own:
            core_seconds, core_queries = time_call(env, partial(screen.read, ROWS, plain=True))
            seconds, queries = max(seconds - core_seconds, 0), queries - core_queries
        result[screen.name] = [round(seconds, 3), queries]
    return result


def time_call(env, call):
    """Seconds and queries of a call, when it was made once before."""
    call()
    env.flush_all()
    env.invalidate_all()
    start, before = time.perf_counter(), env.cr.sql_log_count
    call()
    return time.perf_counter() - start, env.cr.sql_log_count - before


def get_rows(screens):
    """The rows of the bench's table: the slowest, and the one with the most queries."""
    slowest = max(screens, key=lambda name: screens[name][0])
    longest = max(screens, key=lambda name: screens[name][1])
    return [
        (f"{len(screens)} screens", f"at most {screens[slowest][0]:.2f} s ({slowest})"),
        ("", f"at most {screens[longest][1]} queries ({longest})"),
    ]


# which screens there are


def get_screens(env, opened=()):
    """The screens that the user of ``env`` can open.

    :param opened: names of actions and models that others have opened, which are left out; this user's are added
    """
    env = env(context=env["res.users"].context_get())
    seen, opened, result = set(), opened if isinstance(opened, set) else set(), []
    for own, action in [*((True, action) for action in get_actions(env, opened)), *get_core(env, opened)]:
        for screen in Client(env, action).get_screens(own):
            if screen.name not in seen:
                seen.add(screen.name)
                result.append(screen)
    return result


def get_actions(env, opened):
    """What the module's menus open, then its other windows, then the lists and forms of its models that none opens."""
    menus = env["ir.ui.menu"].browse(env["ir.ui.menu"]._visible_menu_ids()).sudo()
    found = [menu.action for menu in menus.sorted("complete_name") if menu.action and is_shipped(menu)]
    windows = env["ir.model.data"].sudo().search([("module", "=", MODULE), ("model", "=", "ir.actions.act_window")])
    found += env["ir.actions.act_window"].sudo().browse(windows.mapped("res_id"))
    actions = [get_window(env, action) for action in found if is_new(opened, action)]
    actions = [action for action in actions if action and env[action["res_model"]].has_access("read")]
    shown = {action["res_model"] for action in actions}
    for name in sorted(env.registry.models):
        model = env[name]
        if model._original_module == MODULE and name not in shown | opened and not model._transient:
            views = env["ir.ui.view"].sudo().search([("model", "=", name), ("type", "in", ("list", "form"))])
            if views and model.has_access("read"):
                opened.add(name)
                kinds = [(False, kind) for kind in ("list", "form") if kind in views.mapped("type")]
                actions.append({"name": model._description, "res_model": name, "views": kinds})
    opened.update(shown)
    return actions


def is_shipped(record):
    return (record.get_external_id()[record.id] or "").startswith(MODULE + ".")


def is_new(opened, action):
    key = f"{action._name},{action.id}"
    return key not in opened and not opened.add(key)


def get_core(env, opened):
    actions = [env.ref(name).sudo() for name in EXTENDED]
    return [(False, get_window(env, action)) for action in actions if is_new(opened, action)]


def get_window(env, action):
    """What the client knows of an action of ``env``'s user; a server action is run for it."""
    if action._name == "ir.actions.server":
        result = None
        with suppress(UserError):  # what says that there is nothing to show yet
            result = env["ir.actions.server"].browse(action.id).run()
        return result if result and result.get("res_model") and not result.get("res_id") else None
    if action._name != "ir.actions.act_window":
        return None  # a screen of its own, which asks for what it shows
    return env["ir.actions.act_window"]._for_xml_id(action.sudo().get_external_id()[action.id])


# what the client asks for


class Client:
    """The web client at one action."""

    def __init__(self, env, action):
        self.env, self.action = env, action
        context = self._evaluate(action.get("context") or {})
        self.defaults = {key[15:]: value for key, value in context.items() if key.startswith("search_default_")}
        kept = {key: value for key, value in context.items() if not key.startswith(("search_default_", "group_by"))}
        self.model = env[action["res_model"]].with_context(**kept)
        views = [tuple(view) for view in action["views"] if view[1] in VIEWS]
        search = action.get("search_view_id") or [False]
        got = self.model.get_views([*views, (search[0] if search else False, "search")])["views"]
        self.archs = {kind: etree.fromstring(view["arch"]) for kind, view in got.items()}
        self.domain = Domain(self._evaluate(action.get("domain") or []))
        self.searched, self.grouped = self._read_search()
        self.label = action["name"]

    def get_screens(self, own):
        """What the action opens with, and each of its other views and groups."""
        for kind, arch in self.archs.items():
            if kind == "search":
                continue
            yield Screen(f"{self.label}: {kind}", own, partial(getattr(self, f"read_{kind}"), arch))
            if kind in ("list", "pivot"):
                for group, added in self._get_groups():
                    if own or added:
                        call = partial(getattr(self, f"group_{kind}"), arch, group)
                        yield Screen(f"{self.label}: {kind} by {group}", own, call)

    # views

    def read_list(self, arch, count, plain):
        if self.grouped and count == ROWS:
            self.group_list(arch, self.grouped[0], count, plain)
        self.search_rows(arch, count, plain)

    def search_rows(self, arch, count, plain):
        self.model.web_search_read(
            self.searched,
            self.specify(arch, self.model, plain),
            limit=count,
            order=arch.get("default_order") or "",
            count_limit=COUNTED,
        )

    def group_list(self, arch, group, count, plain, unfold=False):
        self.model.with_context(read_group_expand=True).web_read_group(
            self.searched,
            [group],
            self.aggregate(get_fields(arch)),
            limit=GROUPS,
            auto_unfold=unfold,
            unfold_read_specification=self.specify(arch, self.model, plain),
            unfold_read_default_limit=count,
        )

    def read_kanban(self, arch, count, plain):
        group = arch.get("default_group_by")
        if not group:
            self.search_rows(arch, count, plain)
            return
        self.group_list(arch, group, count, plain, unfold=True)
        for bar in arch.iter("progressbar"):
            colors = {"field": bar.get("field"), "colors": json.loads(bar.get("colors"))}
            self.model.read_progress_bar(self.searched, group, colors)

    def read_form(self, arch, count, plain):
        """The first of the list; all of its rows, as far as one page shows them."""
        order = self.archs["list"].get("default_order") if "list" in self.archs else None
        record = self.model.search(self.searched, limit=1, order=order) or self.model.search([], limit=1)
        if record:
            record.with_context(bin_size=True).web_read(self.specify(arch, self.model, plain, count))

    def read_pivot(self, arch, count, plain):
        nodes = list(get_fields(arch))
        rows, columns = (
            [self._with_interval(node) for node in nodes if node.get("type") == kind] for kind in ("row", "col")
        )
        sets = [[], rows[:1], columns[:1], rows[:1] + columns[:1]]
        self._read_sets(arch, [groups for number, groups in enumerate(sets) if groups not in sets[:number]])

    def group_pivot(self, arch, group, count, plain):
        self._read_sets(arch, [[], [group]])

    def _read_sets(self, arch, sets):
        measures = self.aggregate([node for node in get_fields(arch) if node.get("type") == "measure"])
        self.model.formatted_read_grouping_sets(self.searched, sets, [*measures, "__count"])

    def read_graph(self, arch, count, plain):
        nodes = list(get_fields(arch))
        groups = [self._with_interval(node) for node in nodes if node.get("type") != "measure"]
        measures = self.aggregate([node for node in nodes if node.get("type") == "measure"])
        self.model.formatted_read_group(self.searched, groups, [*measures, "__count"])

    def _with_interval(self, node):
        interval = node.get("interval") or "month"
        is_day = self.model._fields[node.get("name")].type in ("date", "datetime")
        return f"{node.get('name')}:{interval}" if is_day else node.get("name")

    # what of each record

    def specify(self, arch, model, plain, count=SUB_ROWS):
        """What ``web_read`` is to read for the view ``arch`` of ``model``."""
        result = {}
        for node in get_fields(arch):
            names = (node.get("name"), *BESIDE.get(node.get("widget"), ()))
            for name in names:
                field = model._fields.get(name)
                if field is not None and not (plain and not is_plain(model, field)):
                    result[name] = self.specify_field(node, model, field, plain, count)
        return result

    def specify_field(self, node, model, field, plain, count):
        hidden = {node.get("invisible"), node.get("column_invisible")} & {"1", "True"}
        if field.type == "many2one":
            return {"fields": {} if hidden else {"display_name": {}}}
        if field.type not in ("one2many", "many2many") or hidden or node.get("widget") in WITHOUT_ROWS:
            return {}
        comodel = self.env[field.comodel_name]
        for kind in ("list", "kanban"):
            sub = node.find(kind)
            if sub is not None:
                limit = min(int(sub.get("limit") or SUB_ROWS), count)
                result = {"fields": self.specify(sub, comodel, plain, count), "limit": limit}
                return {**result, "order": sub.get("default_order")} if sub.get("default_order") else result
        color = "color" in (node.get("options") or "") and "color" in comodel._fields
        return {"fields": {"display_name": {}, **({"color": {}} if color else {})}, "limit": count}

    def aggregate(self, nodes):
        """The totals of the numbers among the fields of ``nodes``, and their currencies."""
        result = []
        for field in {node.get("name"): self.model._fields[node.get("name")] for node in nodes}.values():
            if field.type in NUMBERS and field.aggregator and (field.store or self.model._table_query):
                result.append(f"{field.name}:{field.aggregator}")
                currency = field.type == "monetary" and field.get_currency_field(self.model)
                if currency:
                    result += [f"{currency}:array_agg_distinct", f"{field.name}:sum_currency"]
        return list(dict.fromkeys(result))

    # searching

    def _read_search(self):
        """The domain that the list opens with, and what it is grouped by then."""
        domain, chosen, groups = self.domain, {}, []
        for number, part in enumerate(split_filters(self.archs["search"])):
            for node in part:
                if not self.defaults.get(node.get("name")):
                    continue
                if node.get("domain"):
                    chosen.setdefault(number, []).append(Domain(self._evaluate(node.get("domain"))))
                groups += self._get_group(node)
        for domains in chosen.values():
            domain &= Domain.OR(domains)
        return list(domain), groups

    def _get_groups(self):
        """What the search view offers to group by, and whether it is of a field of the module."""
        for node in self.archs["search"].iter("filter"):
            for group in self._get_group(node):
                yield group, is_ours(self.model._fields[group.split(":")[0]])

    def _get_group(self, node):
        group = self._evaluate(node.get("context") or "{}").get("group_by")
        if not group:
            return []
        field = self.model._fields.get(group.split(":")[0])
        is_day = field is not None and field.type in ("date", "datetime")
        return [f"{group}:month" if is_day and ":" not in group else group]

    def _evaluate(self, text):
        if not isinstance(text, str):
            return text
        names = {
            "uid": self.env.uid,
            "datetime": safe_datetime,
            "relativedelta": relativedelta,
            "context_today": Date.today,
            "current_date": str(Date.today()),
            "allowed_company_ids": self.env.companies.ids,
            "active_id": False,
            "active_ids": [],
            "context": {},
        }
        return safe_eval(text, names)


def split_filters(search):
    """The filters of a search view; those between two separators are alternatives, the parts all hold."""
    part = []
    for node in search.iter("filter", "separator", "group"):
        if node.tag == "filter":
            part.append(node)
        else:
            yield part
            part = []
    yield part


def get_fields(arch):
    """The fields of a view, without those of its sub-views and of what records are grouped by."""
    for node in arch:
        if node.tag == "field":
            yield node
        elif node.tag != "groupby":
            yield from get_fields(node)


def is_ours(field):
    return set(field._modules) == {MODULE}


def is_plain(model, field):
    """Whether the field is of core or, on a model of the module, is a column."""
    return not is_ours(field) or (model._original_module == MODULE and field.store)
