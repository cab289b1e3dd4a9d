"""A run with notices that failed or wait to be printed is not done."""


def migrate(cr, version):
    cr.execute(
        """UPDATE account_dunning_run run SET state = 'unfinished'
            WHERE state = 'done'
              AND EXISTS (SELECT 1 FROM account_dunning_notice
                           WHERE run_id = run.id AND state IN ('to_print', 'failed'))"""
    )
