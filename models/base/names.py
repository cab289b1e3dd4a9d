"""Names that several rooms share."""

COLLECTORS = "account_dunning.group_dunning_collector"
MANAGERS = "account_dunning.group_dunning_manager"
INVOICING = "account.group_account_invoice"
ACCOUNTANTS = "account.group_account_invoice,account.group_account_readonly"

# Of collection plans that go on, and of notices that have not left yet.
OPEN_STATES = ("ongoing", "paused")
PENDING_STATES = ("proposed", "queued", "to_print", "failed")

# Collection statuses. In ascending order: of several plans the last status counts.
COLLECTION_STATUSES = [
    ("dunning", "Dunning"),
    ("legal", "Legal Procedure"),
    ("agency", "Collection Agency"),
    ("uncollectable", "Uncollectable"),
]
