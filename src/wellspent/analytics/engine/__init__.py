"""Spending joined to outcomes by DuckDB, for millions of calls; ``allocate`` and ``value`` are its specification."""
