"""Pages of bringing a register in and taking it out."""
