# The prefetch group of the stored fields on models of Odoo that every posting and payment reads: they are read together
# where one of them is needed, and cost nothing where none is.
PREFETCH = "dunning"
