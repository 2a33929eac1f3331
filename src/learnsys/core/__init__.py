"""What the rooms share: errors, units, traces, machines, predictors, data, engines, tables and charts."""
