"""Gives a database the company that the classes of tests share: odoo shell -d DATABASE < dev/prepare_company.py.

To load a chart of accounts takes seconds, which each of two hundred classes would spend (tests/common.py).
"""

charts = env["account.chart.template"]  # noqa: F821  what the shell has
company = charts.env["res.company"].create({"name": "company_1_data"})
charts.try_loading(charts._guess_chart_template(company.country_id), company=company, install_demo=False)
company.account_fiscal_country_id = company.account_fiscal_country_id or charts.env.ref("base.us")
charts.env.cr.commit()
