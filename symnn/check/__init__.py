"""Checking: the kernel that replays derivations, and gradients against numbers."""
