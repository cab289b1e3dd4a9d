"""Gives a database the company and the users that the classes of tests share (tests/common.py):

    odoo shell -d DATABASE < dev/prepare_company.py

To load a chart of accounts takes seconds, and to make a user a fifth of one, which each of two hundred classes would
spend.
"""

from odoo.tests import new_test_user

from odoo.addons.account_dunning.tests.common import DunningCommon

charts = env["account.chart.template"]  # noqa: F821  what the shell has
company = charts.env["res.company"].create({"name": "company_1_data"})
charts.try_loading(charts._guess_chart_template(company.country_id), company=company, install_demo=False)
company.account_fiscal_country_id = company.account_fiscal_country_id or charts.env.ref("base.us")
DunningCommon.complete(company)
for login in ("manager", "collector"):
    new_test_user(
        charts.env,
        login=f"dunning_{login}",
        groups=f"base.group_user,account_dunning.group_dunning_{login}",
        company_id=company.id,
        company_ids=[(6, 0, company.ids)],
    )
charts.env.cr.commit()
