"""The declared operators: one formula each. Every module in this folder is loaded by the registry."""
