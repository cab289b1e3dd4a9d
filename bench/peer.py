"""OCA's account_credit_control beside us: three policies with our levels, its run, its communications."""

from seed import LEVEL_DAYS

from odoo.fields import Command


def set_up(env, tags):
    """Policies like our types: the company's, and two that the customers bear by their ``tags``."""
    account = env["account.account"].search(
        [("account_type", "=", "asset_receivable"), ("company_ids", "in", env.company.ids)]
    )
    template = env.ref("account_credit_control.email_template_credit_control_base")
    policies = env["credit.control.policy"].create(
        [
            {
                "name": tag.name,
                "company_id": env.company.id,
                "account_ids": [Command.set(account.ids)],
                "level_ids": [
                    Command.create(
                        {
                            "name": f"Level {number}",
                            "level": number,
                            "computation_mode": "net_days",
                            "delay_days": days,
                            "email_template_id": template.id,
                            "channel": "email",
                            "custom_text": "Please pay.",
                            "custom_mail_text": "<p>Please pay.</p>",
                        }
                    )
                    for number, days in enumerate(LEVEL_DAYS, 1)
                ],
            }
            for tag in tags
        ]
    )
    env["credit.control.policy"].search([("id", "not in", policies.ids)]).active = False
    env.company.credit_policy_id = policies[0]
    env.flush_all()
    for policy, tag in list(zip(policies, tags, strict=True))[1:]:
        env.cr.execute(
            """UPDATE res_partner SET credit_policy_id = %s
                WHERE id IN (SELECT partner_id FROM res_partner_res_partner_category_rel WHERE category_id = %s)""",
            [policy.id, tag.id],
        )
    env.invalidate_all()
    return policies


def propose(env, policies, day):
    """Its run, and its communications; returns both."""
    run = env["credit.control.run"].create({"date": day, "policy_ids": [Command.set(policies.ids)]})
    run.generate_credit_lines()
    run.set_to_ready_lines()
    communications = env["credit.control.communication"]._generate_comm_from_credit_lines(run.line_ids)
    env.flush_all()
    return run, communications


def mail(communications):
    """Queue the e-mails of some communications."""
    communications.with_context(mail_notify_force_send=False)._generate_emails()
    communications.env.flush_all()
