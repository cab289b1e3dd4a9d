"""The score rule on late payers counts, now that it is known how customers pay; where nobody has changed it."""


def migrate(cr, version):
    cr.execute(
        """UPDATE account_dunning_score_rule SET active = TRUE
            WHERE fact = 'late_probability' AND active IS NOT TRUE AND points = 10 AND at_least = 0.7"""
    )
    cr.execute("UPDATE account_dunning_settings SET desk_day = NULL")
