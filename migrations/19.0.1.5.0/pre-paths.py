def migrate(cr, _version):
    """The address of the plans goes from their window to the menu's action; no two actions may have it at a time."""
    cr.execute("UPDATE ir_act_window SET path = NULL WHERE path = 'collection-plans'")
