"""What nights left out is carried over from now on; until now each night had rows of its own."""


def migrate(cr, version):
    cr.execute(
        """UPDATE account_dunning_skipped skipped
              SET until_id = (SELECT MIN(following.id) FROM account_dunning_run following
                               WHERE following.nightly AND following.company_id = run.company_id
                                 AND following.id > run.id)
             FROM account_dunning_run run
            WHERE run.id = skipped.run_id AND run.nightly AND skipped.until_id IS NULL"""
    )
