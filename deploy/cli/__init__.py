"""The `weiplomacy` command: one module for each group of commands."""
