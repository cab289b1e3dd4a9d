"""Write the access rights of the module from dev/rights.csv: python dev/rights.py, or --check whether it was done.

A row of the table is a model, whose records a user sees, and what each group may do with them, as letters: c(reate),
r(ead), u(pdate), d(elete); ``-`` is nothing, for a model that nobody may touch. ``whose`` is one of

* ``company``: of the companies that the user has chosen, and of those above them; ``company by F`` where the field F
  leads to the record that has a company; ``company or none``: those without a company, too
* ``own``: what the user has made himself, as in dialogs; ``own company``: both
* ``all``

From it come the two kinds of records of Odoo 19, and the one of Odoo 20, which knows neither: ``ir.access``, in
``dev/odoo20/ir.access.csv``. That was never loaded by an Odoo 20, which is not to be had here.
"""

import csv
import io
import sys
from pathlib import Path

SOURCE = Path("dev/rights.csv")
ACCESS, RULES, ODOO_20 = (
    Path("security/ir.model.access.csv"),
    Path("security/account_dunning_rules.xml"),
    Path("dev/odoo20/ir.access.csv"),
)
MODULE = "account_dunning"
COMPANY, OWN = "('{}', 'parent_of', company_ids)", "('create_uid', '=', user.id)"
DOMAINS = {
    "company": f"[{COMPANY.format('company_id')}]",
    "company or none": f"['|', ('company_id', '=', False), {COMPANY.format('company_id')}]",
    "own": f"[{OWN}]",
    "own company": f"[{OWN}, {COMPANY.format('company_id')}]",
    "all": "",
}
GROUPS = {"collector": "group_dunning_collector", "manager": "group_dunning_manager"}
FOREIGN = {"account.move.send.wizard": "account", "res.company": "base"}  # models of other modules, by module
OPERATIONS = {"r": "perm_read", "u": "perm_write", "c": "perm_create", "d": "perm_unlink"}
# Plans, notices and types belong to the head office: who works in a branch reads its name, currency and settings.
HEAD_OFFICE = ("rule_res_company_head_office", "res.company", COMPANY.format("id"))
RULE = """    <record id="{id}" model="ir.rule">
        <field name="name">{name}</field>
        <field name="model_id" ref="{model}" />
        <field name="domain_force">{domain}</field>
{more}    </record>
"""
READ_ONLY = """        <field name="groups" eval="[Command.link(ref('group_dunning_collector'))]" />
        <field name="perm_write" eval="False" />
        <field name="perm_create" eval="False" />
        <field name="perm_unlink" eval="False" />
"""


def read_rows():
    """Tuples of model, domain (as text; empty for all), kind of rule, and operations by external id of a group."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            kind, _by, field = row["whose"].partition(" by ")
            domain = f"[{COMPANY.format(f'{field}.company_id')}]" if field else DOMAINS[row["whose"]]
            groups = {external: row[name] for name, external in GROUPS.items() if row[name]}
            groups |= dict(other.split(":") for other in row["others"].split())
            yield row["model"], domain, kind.split()[0], groups


def to_id(model):
    """The external id of a model."""
    name = f"model_{model.replace('.', '_')}"
    return f"{FOREIGN[model]}.{name}" if model in FOREIGN else name


def to_role(group):
    """What a group is called in external ids."""
    roles = {external: name for name, external in GROUPS.items()}
    return roles.get(group) or {"base.group_system": "admin", "account.group_account_manager": "manager"}.get(
        group, group.rpartition("_")[2]
    )


def write_access(rows):
    """``ir.model.access.csv`` of Odoo 19."""
    header = ("id", "name", "model_id:id", "group_id:id", *OPERATIONS.values())
    lines = []
    for model, _domain, _kind, groups in rows:
        for group, operations in groups.items():
            role = to_role(group)
            allowed = [int(letter in operations) for letter in OPERATIONS]
            lines.append((f"access_{model.replace('.', '_')}_{role}", f"{model} {role}", to_id(model), group, *allowed))
    return to_csv(header, lines)


def write_rules(rows):
    """The record rules of Odoo 19, as XML."""
    rules = [
        RULE.format(
            id=f"rule_{model.replace('.', '_')}_{kind}",
            name=f"{model}: {kind}",
            model=to_id(model),
            domain=domain,
            more="",
        )
        for model, domain, kind, _groups in rows
        if domain
    ]
    id_, model, domain = HEAD_OFFICE
    name = f"{model}: head office of collectors"
    rules.append(RULE.format(id=id_, name=name, model=to_id(model), domain=f"[{domain}]", more=READ_ONLY))
    note = "<!-- Made by dev/rights.py from dev/rights.csv. -->"
    return f'<?xml version="1.0" encoding="utf-8" ?>\n{note}\n<odoo>\n{"".join(rules)}</odoo>\n'


def write_odoo_20(rows):
    """``ir.access.csv`` of Odoo 20: a right has the domain of the records for which it is."""
    lines = []
    for model, domain, _kind, groups in rows:
        for group, operations in groups.items():
            if operations == "-":
                continue
            external = group if "." in group else f"{MODULE}.{group}"
            letters = "".join(letter for letter in "crud" if letter in operations)
            id_ = f"access_{model.replace('.', '_')}_{to_role(group)}"
            lines.append((id_, f"{model} {to_role(group)}", model, external, letters, domain))
    id_, model, domain = HEAD_OFFICE
    group = f"{MODULE}.{GROUPS['collector']}"
    lines.append((id_, f"{model}: head office of collectors", model, group, "r", f"[{domain}]"))
    return to_csv(("id", "name", "model_id", "group_id/id", "operation", "domain"), lines)


def to_csv(header, lines):
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([header, *lines])
    return buffer.getvalue()


def main(check):
    rows = list(read_rows())
    made = {ACCESS: write_access(rows), RULES: write_rules(rows), ODOO_20: write_odoo_20(rows)}
    stale = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if check:
            print(f"{path}: is not what {SOURCE} says; run python dev/rights.py")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(made[path], encoding="utf-8")
    return bool(check and stale)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
