"""Who may do what: companies, tokens and what limits them, sign-ins of the console."""
