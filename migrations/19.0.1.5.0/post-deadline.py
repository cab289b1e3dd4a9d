"""A notice without document has no deadline that binds (rules §4)."""


def migrate(cr, version):
    cr.execute(
        """UPDATE account_dunning_item item SET deadline_days = 0
             FROM account_dunning_notice notice
            WHERE notice.id = item.last_notice_id AND notice.document = 'none' AND item.deadline_days > 0"""
    )
