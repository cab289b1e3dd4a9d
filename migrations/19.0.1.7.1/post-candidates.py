"""A night that is at work reads everybody: its chunks do not know yet whom they have to read."""


def migrate(cr, version):
    cr.execute(
        """UPDATE account_dunning_run run SET read_all = 'The module was updated during the night'
            WHERE run.nightly AND run.state = 'proposing' AND run.read_all IS NULL
              AND EXISTS (SELECT FROM account_dunning_run_chunk chunk
                           WHERE chunk.run_id = run.id AND chunk.done IS NOT TRUE AND chunk.candidates IS NULL)"""
    )
