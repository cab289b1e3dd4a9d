"""Names that several rooms share."""

COLLECTORS = "account_dunning.group_dunning_collector"
ACCOUNTANTS = "account.group_account_invoice,account.group_account_readonly"

# Of collection plans that go on, and of notices that have not left yet.
OPEN_STATES = ("ongoing", "paused")
PENDING_STATES = ("proposed", "queued", "to_print", "failed")
