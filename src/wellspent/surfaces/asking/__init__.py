"""Questions about outcomes and spending, asked of a process of its own: DuckDB and Parquet stay out of the process that serves calls."""
