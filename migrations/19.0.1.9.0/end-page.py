"""The customer's page: each company gets the score rule for pages that were opened."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    rules = env["account.dunning.score.rule"]
    template = rules._get_templates()["score_rule_page_opened"]
    for company in env["res.company"].search([("parent_id", "=", False)]):
        if not rules._get_shipped("score_rule_page_opened", company):
            template._copy_for(company, "score_rule_page_opened")
