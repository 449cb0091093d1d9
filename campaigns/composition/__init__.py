"""From what staff wrote to the exact message one person gets."""
