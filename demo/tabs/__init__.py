"""What the visitor sees: one module a tab, and what tabs share."""
