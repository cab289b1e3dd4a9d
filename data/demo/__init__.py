from . import account_chart_template, account_chart_template_policy
