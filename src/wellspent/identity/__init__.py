"""Who may call, who pays, and what was set by whom: keys, the directory, budgets and policies, with an audit log."""
