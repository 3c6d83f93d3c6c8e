"""From notation trees to terms: what each notation means."""
