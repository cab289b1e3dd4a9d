"""Gives a database what the classes of tests share (tests/common.py):

    odoo shell -d DATABASE < dev/prepare_company.py

That is a company, since to load a chart of accounts takes seconds, which each of two hundred classes would spend; its
users, each of whom takes a fifth of one; and the scripts and style sheets of the web client and of letters, which each
test that needs them would compile.
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
bundles = charts.env["ir.qweb"]
for name in ("web.assets_web", "web.assets_tests", "web.assets_backend_lazy", "web.assets_emoji"):
    bundles._get_asset_bundle(name, css=False).js()
bundles._get_asset_bundle("bus.websocket_worker_assets", css=False).js()
for name in ("web.assets_web", "web.assets_web_print", "web.assets_backend_lazy"):
    bundles._get_asset_bundle(name, js=False).css()
for name in ("web.report_assets_common", "web.report_assets_pdf"):
    bundles._get_asset_bundle(name, js=False, autoprefix=True).css()
charts.env.cr.commit()
