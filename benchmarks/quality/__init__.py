"""How good predictions are: the suite beside rules, models and AutoML, on the same customers."""
