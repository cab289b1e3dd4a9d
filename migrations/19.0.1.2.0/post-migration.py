def migrate(cr, version):
    set_started(cr)


def set_started(cr):
    """The actions of what was sent before were started: a letter after a bounce does not start them again."""
    cr.execute(
        """
        UPDATE account_dunning_notice_line line
           SET started = TRUE
          FROM account_dunning_notice notice
         WHERE notice.id = line.notice_id AND notice.state = 'sent' AND line.dunned AND line.started IS NOT TRUE
        """
    )
